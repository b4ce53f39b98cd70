#!/bin/sh
# The committed tables, byte for byte, are what their sources give today. Skipped where they are not at hand.
[ -n "$SEKI_DATA_DIR" ] || exit 77
command -v python3 >/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# same TABLE FOLDER: makes the table from FOLDER of SEKI_DATA_DIR, where it is there
made=77
same() {
    [ -d "$SEKI_DATA_DIR/$2" ] || return 0
    "$srcdir/tools/$1-csv" "$SEKI_DATA_DIR" >"$work/rows.csv" || exit 1
    "$SEKI" import --space "$1" --benchmark "$1" --columns "$srcdir/benchdata/$1.columns.csv" \
        "$work/rows.csv" "$work/new.h5" || exit 1
    cmp "$work/new.h5" "$srcdir/benchdata/$1.h5" || exit 1
    rm "$work/new.h5"
    made=0
}
same nas-bench-201 nb201
same transnas-bench-101 tnb101
exit $made
