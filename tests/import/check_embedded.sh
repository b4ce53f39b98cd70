#!/bin/sh
# The committed table, byte for byte, is what its sources give today. Skipped where they are not at hand.
[ -n "$SEKI_DATA_DIR" ] && [ -d "$SEKI_DATA_DIR/nb201" ] || exit 77
command -v python3 >/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
"$srcdir/tools/nas-bench-201-csv" "$SEKI_DATA_DIR" >"$work/rows.csv" || exit 1
"$SEKI" import --space nas-bench-201 --benchmark nas-bench-201 \
    --columns "$srcdir/benchdata/nas-bench-201.columns.csv" "$work/rows.csv" "$work/new.h5" || exit 1
cmp "$work/new.h5" "$srcdir/benchdata/nas-bench-201.h5"
