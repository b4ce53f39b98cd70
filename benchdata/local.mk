benchdatadir = $(pkgdatadir)/benchdata
dist_benchdata_DATA = \
  benchdata/nas-bench-201.columns.csv \
  benchdata/nas-bench-201.h5 \
  benchdata/nats-bench.columns.csv \
  benchdata/README.md
