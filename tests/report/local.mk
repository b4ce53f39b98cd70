check_PROGRAMS += tests/report/check_report
tests_report_check_report_SOURCES = tests/report/check_report.c
tests_report_check_report_CFLAGS  = $(TEST_CFLAGS)
tests_report_check_report_LDADD   = $(TEST_LIBS)
EXTRA_DIST += tests/report/expected tests/report/logs tests/report/reference.csv \
  tests/report/study.json

check_PROGRAMS += tests/report/check_stats
tests_report_check_stats_SOURCES = tests/report/check_stats.c
tests_report_check_stats_CFLAGS  = $(TEST_CFLAGS)
tests_report_check_stats_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/report/check_wilcoxon
tests_report_check_wilcoxon_SOURCES = tests/report/check_wilcoxon.c
tests_report_check_wilcoxon_CFLAGS  = $(TEST_CFLAGS)
tests_report_check_wilcoxon_LDADD   = $(TEST_LIBS)
