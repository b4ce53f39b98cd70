#!/bin/sh
# make installcheck: from another folder, the program at $SEKI finds the table, the transcripts and
# the gnuplot scripts that were installed below $DATADIR.
unset SEKI_DATA
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
study=$DATADIR/experiments/nb201-ablation.json
"$SEKI" query nas-bench-201 421211 >/dev/null &&
    "$SEKI" run --quiet --only seki.s1 "$study" &&
    "$SEKI" report "$study" >said 2>&1 && grep -q '\.svg$' said || { cat said; exit 1; }
