TRIAL = tests/search/trial.c tests/search/trial.h tests/search/fake_llm.c tests/search/fake_llm.h
EXTRA_DIST += tests/search/reply.cases tests/search/golden

check_PROGRAMS += tests/search/check_policy
tests_search_check_policy_SOURCES = tests/search/check_policy.c
tests_search_check_policy_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_policy_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_strategy
tests_search_check_strategy_SOURCES = tests/search/check_strategy.c $(TRIAL)
tests_search_check_strategy_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_strategy_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_reply
tests_search_check_reply_SOURCES = tests/search/check_reply.c
tests_search_check_reply_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_reply_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_ask
tests_search_check_ask_SOURCES = tests/search/check_ask.c $(TRIAL)
tests_search_check_ask_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_ask_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_operators
tests_search_check_operators_SOURCES = tests/search/check_operators.c $(TRIAL)
tests_search_check_operators_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_operators_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_knowledge
tests_search_check_knowledge_SOURCES = tests/search/check_knowledge.c
tests_search_check_knowledge_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_knowledge_LDADD   = $(TEST_LIBS)

check_PROGRAMS += tests/search/check_rules
tests_search_check_rules_SOURCES = tests/search/check_rules.c $(TRIAL)
tests_search_check_rules_CFLAGS  = $(TEST_CFLAGS)
tests_search_check_rules_LDADD   = $(TEST_LIBS)
