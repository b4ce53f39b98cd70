check_PROGRAMS += tests/report/check_report
EXTRA_DIST += tests/report/expected tests/report/logs tests/report/reference.csv \
  tests/report/study.json

check_PROGRAMS += tests/report/check_stats

check_PROGRAMS += tests/report/check_wilcoxon

check_PROGRAMS += tests/report/check_statistics
EXTRA_DIST += tests/report/statistics.R tests/report/statistics.cases
check_PROGRAMS += tests/report/check_say
