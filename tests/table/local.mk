check_PROGRAMS += tests/table/check_nb201
tests_table_check_nb201_SOURCES = tests/table/check_nb201.c
tests_table_check_nb201_CFLAGS  = $(TEST_CFLAGS)
tests_table_check_nb201_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/table/check_table
tests_table_check_table_SOURCES = tests/table/check_table.c
tests_table_check_table_CFLAGS  = $(TEST_CFLAGS)
tests_table_check_table_LDADD   = $(TEST_LIBS)
