TEST_EXTENSIONS = .sh
AM_TESTS_ENVIRONMENT = LC_ALL=C srcdir='$(srcdir)' SEKI='$(abs_builddir)/seki$(EXEEXT)' \
  SEKI_DATA='$(abs_srcdir)'; export LC_ALL srcdir SEKI SEKI_DATA;

check_PROGRAMS = tests/space/check_space
check_PROGRAMS += tests/search/check_policy tests/search/check_strategy
dist_check_SCRIPTS = tests/check_format.sh tests/check_layers.sh
dist_check_SCRIPTS += tests/tools/check_local_llm.sh
EXTRA_DIST += tools/local-llm
TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)

TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
TEST_LIBS   = libseki.a $(SEKI_LIBS) $(CHECK_LIBS)

tests_space_check_space_SOURCES = tests/space/check_space.c
tests_space_check_space_CFLAGS  = $(TEST_CFLAGS)
tests_space_check_space_LDADD   = $(TEST_LIBS)

tests_search_check_policy_SOURCES = tests/search/check_policy.c
tests_search_check_policy_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_policy_LDADD   = $(TEST_LIBS)

tests_search_check_strategy_SOURCES = tests/search/check_strategy.c tests/search/trial.c \
  tests/search/trial.h
tests_search_check_strategy_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_strategy_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/oracle/check_tabular
tests_oracle_check_tabular_SOURCES = tests/oracle/check_tabular.c
tests_oracle_check_tabular_CFLAGS  = $(TEST_CFLAGS)
tests_oracle_check_tabular_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_reply
tests_search_check_reply_SOURCES = tests/search/check_reply.c
tests_search_check_reply_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_reply_LDADD   = $(TEST_LIBS)
EXTRA_DIST += tests/search/reply.cases
