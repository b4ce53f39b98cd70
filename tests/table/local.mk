check_PROGRAMS += tests/table/check_nb201

check_PROGRAMS += tests/table/check_table
