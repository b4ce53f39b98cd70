#!/bin/sh
# make bench: whole processes beside each other, in turn, and what they may take at most. The
# argument is the number of rounds. Exits with 1 when a limit is passed.
set -eu
rounds=${1:-30}
bench=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$SEKI_DATA/benchdata/nas-bench-201.h5
failed=0

# measured NAME COLUMN: what the last table says of NAME (1 median ms, 4 peak MB, 5 ratio).
measured() {
    sed -n "s/^$1  *//p" "$work/table" | awk "{print \$$2}"
}

# limit WHAT FOUND AT_MOST
limit() {
    if awk "BEGIN { exit !($2 <= $3) }"; then
        echo "  $1: $2, within $3"
    else
        echo "  $1: $2, expected at most $3"
        failed=1
    fi
}

# Each cell's digits and the mean of its validation accuracies, for Python.
"$SEKI" query nas-bench-201 --all | awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^accuracy_cifar10_valid_200_/) at[++n] = i; next }
    { sum = 0; for (i = 1; i <= n; i++) sum += $at[i]; print $1 "," sum / n }' >"$work/scores"

echo "Evolution, 500 runs of 100 evaluations, whole processes ($rounds rounds):"
"$BENCH_BUILD/timeit" "$rounds" \
    "bare C loop" "$BENCH_BUILD/bare_evolution" "$table" 500 100 -- \
    "seki run" "$SEKI" run "$bench/evolution.json" --results "$work/{}" -- \
    "Python dict" python3 "$bench/dict_evolution.py" "$work/scores" 500 100 | tee "$work/table"
limit "seki run, times the bare loop" "$(measured "seki run" 5)" 2
limit "seki run, peak resident MB" "$(measured "seki run" 4)" 64

echo "LLM client against a server that answers at once:"
limit "ms a request" "$("$BENCH_BUILD/llm_client")" 0.15
exit $failed
