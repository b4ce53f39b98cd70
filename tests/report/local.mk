check_PROGRAMS += tests/report/check_stats
tests_report_check_stats_SOURCES = tests/report/check_stats.c
tests_report_check_stats_CFLAGS  = $(TEST_CFLAGS)
tests_report_check_stats_LDADD   = $(TEST_LIBS)
