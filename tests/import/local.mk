check_PROGRAMS += tests/import/check_import
dist_check_SCRIPTS += tests/import/check_embedded.sh tests/import/check_nats_bench.sh tests/import/check_tnb101.sh
EXTRA_DIST += tools/nas-bench-201-csv tools/nats-bench-csv tools/transnas-bench-101-csv
