check_PROGRAMS += tests/report/check_report tests/report/check_refusals tests/report/check_document
tests_report_check_report_SOURCES = tests/report/check_report.c tests/report/drawing.c \
  tests/report/drawing.h
tests_report_check_refusals_SOURCES = tests/report/check_refusals.c tests/report/drawing.c \
  tests/report/drawing.h
tests_report_check_document_SOURCES = tests/report/check_document.c tests/report/drawing.c \
  tests/report/drawing.h
EXTRA_DIST += tests/report/expected tests/report/logs tests/report/reference.csv \
  tests/report/study.json

check_PROGRAMS += tests/report/check_stats

check_PROGRAMS += tests/report/check_wilcoxon

check_PROGRAMS += tests/report/check_latex

check_PROGRAMS += tests/report/check_statistics
EXTRA_DIST += tests/report/statistics.R tests/report/statistics.cases
check_PROGRAMS += tests/report/check_say
