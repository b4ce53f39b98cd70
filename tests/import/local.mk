check_PROGRAMS += tests/import/check_import
tests_import_check_import_SOURCES = tests/import/check_import.c
tests_import_check_import_CFLAGS  = $(TEST_CFLAGS)
tests_import_check_import_LDADD   = $(TEST_LIBS)
