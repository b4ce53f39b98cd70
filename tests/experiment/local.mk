check_PROGRAMS += tests/experiment/check_experiment tests/experiment/check_registry

EXTRA_DIST += tests/experiment/example.json tests/experiment/merging.json \
  tests/experiment/single.json tests/experiment/bad
