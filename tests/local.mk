TEST_EXTENSIONS = .sh
AM_TESTS_ENVIRONMENT = LC_ALL=C srcdir='$(srcdir)' SEKI='$(abs_builddir)/seki$(EXEEXT)' \
  SEKI_DATA='$(abs_srcdir)'; export LC_ALL srcdir SEKI SEKI_DATA;

check_PROGRAMS = tests/space/check_space
dist_check_SCRIPTS = tests/check_format.sh tests/check_layers.sh
dist_check_SCRIPTS += tests/tools/check_local_llm.sh
EXTRA_DIST += tools/local-llm
TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)

TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
TEST_LIBS   = libseki.a $(SEKI_LIBS) $(CHECK_LIBS)

tests_space_check_space_SOURCES = tests/space/check_space.c
tests_space_check_space_CFLAGS  = $(TEST_CFLAGS)
tests_space_check_space_LDADD   = $(TEST_LIBS)


check_PROGRAMS += tests/oracle/check_tabular
tests_oracle_check_tabular_SOURCES = tests/oracle/check_tabular.c
tests_oracle_check_tabular_CFLAGS  = $(TEST_CFLAGS)
tests_oracle_check_tabular_LDADD   = $(TEST_LIBS)

