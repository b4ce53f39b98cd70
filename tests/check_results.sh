#!/bin/sh
# The committed tables, and the data and words of figures, are what the program makes of the experiments
# and transcripts here, byte for byte: what "make experiments" and "git diff --exit-code results/tables"
# would show.
cd "${srcdir:-.}" || exit 99
[ -d results/tables ] || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
SEKI_DATA=. && export SEKI_DATA
bad=0
for study in experiments/*.json; do
    status=0
    "$SEKI" run --quiet --results "$work" "$study" || status=$?
    [ $status = 0 ] || [ $status = 3 ] || exit 1 # 3: some cells are not recorded; tables say which
done
"$SEKI" report --quiet --results "$work" experiments/*.json >/dev/null || exit 1
for file in "$work"/tables/* results/tables/* "$work"/figures/*.md results/figures/*.md \
    "$work"/figures/*.csv results/figures/*.csv "$work"/figures/*.dot results/figures/*.dot; do
    name=$(basename "$(dirname "$file")")/$(basename "$file")
    cmp "results/$name" "$work/$name" || bad=1
done
exit $bad
