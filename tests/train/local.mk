# src/train
check_PROGRAMS += tests/train/check_recipe
