TINY = tests/data/tiny.c tests/data/tiny.h
check_PROGRAMS += tests/data/check_augment tests/data/check_dataset tests/data/check_folder \
  tests/data/check_loader tests/data/check_split
tests_data_check_augment_SOURCES = tests/data/check_augment.c $(TINY)
tests_data_check_dataset_SOURCES = tests/data/check_dataset.c $(TINY)
tests_data_check_folder_SOURCES  = tests/data/check_folder.c $(TINY)
tests_data_check_loader_SOURCES  = tests/data/check_loader.c $(TINY)
tests_data_check_split_SOURCES   = tests/data/check_split.c $(TINY)
dist_check_SCRIPTS += tests/data/check_pack.sh
EXTRA_DIST += tools/imagenet16-120-pack
