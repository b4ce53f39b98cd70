check_PROGRAMS += tests/table/check_nb201 tests/table/check_tnb101

check_PROGRAMS += tests/table/check_table
