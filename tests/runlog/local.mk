check_PROGRAMS += tests/runlog/check_reader
EXTRA_DIST += tests/runlog/reader.cases
