TRIAL = tests/search/trial.c tests/search/trial.h tests/search/fake_llm.c tests/search/fake_llm.h
GOLDEN = tests/search/golden.c tests/search/golden.h
EXTRA_DIST += tests/search/reply.cases tests/search/golden

check_PROGRAMS += tests/search/check_policy

check_PROGRAMS += tests/search/check_strategy
tests_search_check_strategy_SOURCES = tests/search/check_strategy.c $(TRIAL)

check_PROGRAMS += tests/search/check_reply

check_PROGRAMS += tests/search/check_vocabulary

check_PROGRAMS += tests/search/check_ask
tests_search_check_ask_SOURCES = tests/search/check_ask.c $(TRIAL)

check_PROGRAMS += tests/search/check_operators
tests_search_check_operators_SOURCES = tests/search/check_operators.c $(GOLDEN) $(TRIAL)

check_PROGRAMS += tests/search/check_telling
tests_search_check_telling_SOURCES = tests/search/check_telling.c $(GOLDEN) $(TRIAL)

check_PROGRAMS += tests/search/check_knowledge

check_PROGRAMS += tests/search/check_rules
tests_search_check_rules_SOURCES = tests/search/check_rules.c $(TRIAL)

check_PROGRAMS += tests/search/check_seki
tests_search_check_seki_SOURCES = tests/search/check_seki.c $(TRIAL)

check_PROGRAMS += tests/search/check_darts_search
tests_search_check_darts_search_SOURCES = tests/search/check_darts_search.c $(GOLDEN) $(TRIAL)
