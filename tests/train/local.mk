check_PROGRAMS += tests/train/check_recipe

check_PROGRAMS += tests/train/check_net
EXTRA_DIST += tests/train/nb201-params.cases
