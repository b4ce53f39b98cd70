check_PROGRAMS += tests/runlog/check_reader tests/runlog/check_ranks
EXTRA_DIST += tests/runlog/reader.cases
