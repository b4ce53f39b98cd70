#!/bin/sh
# make bench: whole processes beside each other, in turn, and what they may take at most. The
# argument is the number of rounds. Exits with 1 when a limit is passed. As root everything runs
# before other work of the machine (chrt); else that work is in the times.
set -eu
rounds=${1:-30}
bench=$(dirname "$0")
SEKI_MODULES=$BENCH_BUILD/../..
export SEKI_MODULES
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$SEKI_DATA/benchdata/nas-bench-201.h5
failed=0
first=
if chrt --fifo 1 true 2>/dev/null; then first="chrt --fifo 1"; fi

# compare NAME COMMAND... [-- NAME COMMAND...]...: the table of timeit, also into $work/table.
compare() {
    $first "$BENCH_BUILD/timeit" "$rounds" "$@" 2>"$work/said" >"$work/table" ||
        { cat "$work/said" >&2; exit 1; }
    cat "$work/table"
}

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

# The yardstick has HDF5 as pkg-config names it, a shared library; the row below it has HDF5 linked in,
# as seki has it where it can be: less by what loading takes.
echo "Evolution, 500 runs of 100 evaluations, whole processes ($rounds rounds):"
compare "bare C loop" "$BENCH_BUILD/bare_evolution" "$table" 500 100 -- \
    "the same, HDF5 linked in" "$BENCH_BUILD/bare_linked" "$table" 500 100 -- \
    "seki run" "$SEKI" run "$bench/evolution.json" --results "$work/{}" -- \
    "Python dict" python3 "$bench/dict_evolution.py" "$work/scores" 500 100
limit "seki run, times the bare loop" "$(measured "seki run" 5)" 2
limit "seki run, peak resident MB" "$(measured "seki run" 4)" 64

echo "Opening and checking the table of NAS-Bench-201, beside a start alone:"
compare "seki --version" "$SEKI" --version -- \
    "seki query" "$SEKI" query nas-bench-201 421211
limit "ms for the table" "$(echo "$(measured "seki query" 1) $(measured "seki --version" 1)" |
    awk '{ print $1 - $2 }')" 10

study=$SEKI_DATA/experiments/nb201-ablation.json
if [ -e "$SEKI_DATA/benchdata/transcripts/nb201-ablation/seki.s2.jsonl.zst" ]; then
    echo "Replaying runs of 50 iterations with an LLM, one after the other:"
    compare "one replay" "$SEKI" run "$study" --jobs 1 --only seki.s1 --results "$work/one{}" -- \
        "two replays" "$SEKI" run "$study" --jobs 1 --only "seki.s[12]" --results "$work/two{}"
    limit "ms a replay, with the table open" \
        "$(echo "$(measured "two replays" 1) $(measured "one replay" 1)" | awk '{ print $1 - $2 }')" 20
fi

echo "LLM client against a server that answers at once:"
limit "ms a request" "$($first "$BENCH_BUILD/llm_client")" 0.15

echo "Recording: requests to a server that takes 50 ms for each, 4 at once:"
"$bench/overlap.sh" 50 4 64 >"$work/overlap"
sed '$d' "$work/overlap"
limit "the bare rate, times seki's" "$(tail -n 1 "$work/overlap")" 1.11
echo "Training on the CPU, images a second of a whole step, 2 threads:"
if "$BENCH_BUILD/train_step" nas-bench-201 "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|" '{"cells": 1, "batch": 4, "steps": 1}' \
    >"$work/train" 2>&1; then
    "$bench/train.sh" 3 2 >"$work/train"
    ratios=$(sed -n '$s/^\([0-9.]* [0-9.]*\)$/\1/p' "$work/train")
    [ -z "$ratios" ] || sed -i '$d' "$work/train"
    cat "$work/train"
    [ -z "$ratios" ] || limit "PyTorch's best rate, 1.3 times, over seki's" "$(echo "$ratios" | awk '{ print 1.3 / $1 }')" 1
    [ -z "$ratios" ] || limit "seki's memory over PyTorch's" "${ratios#* }" 1
else
    echo "  not measured: $(head -n 1 "$work/train")"
fi
exit $failed
