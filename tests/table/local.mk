check_PROGRAMS += tests/table/check_nb201 tests/table/check_tnb101

check_PROGRAMS += tests/table/check_table
tests_table_check_table_LDADD = $(HDF5_LIBS) $(TEST_LIBS) # it damages tables by HDF5's own means
