check_PROGRAMS += tests/base/check_base
tests_base_check_base_SOURCES = tests/base/check_base.c tests/base/suite.h \
  tests/base/err_cases.c tests/base/file_cases.c tests/base/hash_cases.c \
  tests/base/jsonl_cases.c tests/base/option_cases.c tests/base/rng_cases.c \
  tests/base/sort_cases.c tests/base/str_cases.c
