EXTRA_PROGRAMS += tests/run/server
tests_run_server_CFLAGS = $(TEST_CFLAGS) $(MICROHTTPD_CFLAGS)
tests_run_server_LDADD  = $(TEST_LIBS) $(MICROHTTPD_LIBS)
dist_check_SCRIPTS += tests/run/check_resume.sh
tests/run/check_resume.log: tests/run/server$(EXEEXT)
EXTRA_DIST += tests/run/resume.json

check_PROGRAMS += tests/run/check_batch
tests_run_check_batch_SOURCES = tests/run/check_batch.c
tests_run_check_batch_CFLAGS  = $(TEST_CFLAGS)
tests_run_check_batch_LDADD   = $(TEST_LIBS)
