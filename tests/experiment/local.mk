check_PROGRAMS += tests/experiment/check_experiment tests/experiment/check_registry

tests_experiment_check_experiment_SOURCES = tests/experiment/check_experiment.c
tests_experiment_check_experiment_CFLAGS  = $(TEST_CFLAGS)
tests_experiment_check_experiment_LDADD   = $(TEST_LIBS)

tests_experiment_check_registry_SOURCES = tests/experiment/check_registry.c
tests_experiment_check_registry_CFLAGS  = $(TEST_CFLAGS)
tests_experiment_check_registry_LDADD   = $(TEST_LIBS)
EXTRA_DIST += tests/experiment/example.json tests/experiment/merging.json \
  tests/experiment/single.json tests/experiment/bad
