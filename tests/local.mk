TEST_EXTENSIONS = .sh
# Check's own limit of 4 s by the clock on the wall is too little on a busy machine. Where leaks are
# looked for, the sanitizer loses its way in the thread-local memory of modules that dlopen() brought.
AM_TESTS_ENVIRONMENT = LC_ALL=C srcdir='$(srcdir)' SEKI='$(abs_builddir)/seki$(EXEEXT)' \
  SEKI_DATA='$(abs_srcdir)' SEKI_MODULES='$(abs_builddir)' CK_DEFAULT_TIMEOUT=120 \
  ASAN_OPTIONS="intercept_tls_get_addr=0:$$ASAN_OPTIONS"; \
  export LC_ALL srcdir SEKI SEKI_DATA SEKI_MODULES CK_DEFAULT_TIMEOUT ASAN_OPTIONS;

check_PROGRAMS = tests/space/check_space tests/space/check_darts
dist_check_SCRIPTS = tests/check_dist.sh tests/check_format.sh tests/check_layers.sh tests/check_results.sh
dist_check_SCRIPTS += tests/tools/check_local_llm.sh
EXTRA_DIST += tools/local-llm
EXTRA_DIST += tests/suite.h
TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)

# A test program without other sources than its own is one line of check_PROGRAMS.
TEST_CFLAGS = $(AM_CFLAGS)
TEST_LIBS   = libseki.a $(SEKI_LIBS) $(CHECK_LIBS)
LDADD       = $(TEST_LIBS)

check_PROGRAMS += tests/oracle/check_tabular
check_PROGRAMS += tests/oracle/check_devices
check_PROGRAMS += tests/oracle/check_meter
check_PROGRAMS += tests/oracle/check_training tests/oracle/check_trainings
