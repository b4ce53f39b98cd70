EXTRA_PROGRAMS += tests/run/server
CLEANFILES     += tests/run/server$(EXEEXT)
tests_run_server_CFLAGS = $(TEST_CFLAGS) $(MICROHTTPD_CFLAGS)
tests_run_server_LDADD  = $(TEST_LIBS) $(MICROHTTPD_LIBS)
dist_check_SCRIPTS += tests/run/check_resume.sh
tests/run/check_resume.log: tests/run/server$(EXEEXT)
EXTRA_DIST += tests/run/resume.json

check_PROGRAMS += tests/run/check_batch

dist_check_SCRIPTS += tests/run/check_budget.sh
tests/run/check_budget.log: tests/run/server$(EXEEXT)

dist_check_SCRIPTS += tests/run/check_jobs.sh
tests/run/check_jobs.log: tests/run/server$(EXEEXT)
check_PROGRAMS += tests/run/check_progress

dist_check_SCRIPTS += tests/run/check_trained.sh tests/run/check_darts.sh tests/run/check_quantiles.sh
EXTRA_DIST += tests/run/trained.json
