check_PROGRAMS += tests/import/check_import
tests_import_check_import_SOURCES = tests/import/check_import.c
tests_import_check_import_CFLAGS  = $(TEST_CFLAGS)
tests_import_check_import_LDADD   = $(TEST_LIBS)
dist_check_SCRIPTS += tests/import/check_embedded.sh tests/import/check_nats_bench.sh
EXTRA_DIST += tools/nas-bench-201-csv tools/nats-bench-csv
