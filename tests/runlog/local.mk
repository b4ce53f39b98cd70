check_PROGRAMS += tests/runlog/check_reader
tests_runlog_check_reader_SOURCES = tests/runlog/check_reader.c
tests_runlog_check_reader_CFLAGS  = $(TEST_CFLAGS)
tests_runlog_check_reader_LDADD   = $(TEST_LIBS)
EXTRA_DIST += tests/runlog/reader.cases
