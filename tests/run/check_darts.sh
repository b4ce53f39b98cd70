#!/bin/bash
# The studies of DARTS's space at a size that plain loops train in seconds: search, then the answer
# trained as "final" says, auxiliary head and all. The full rows say that they are not run, beside
# those that papers report.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "${srcdir:-.}" && pwd)
cd "$work"
fail() { echo "FAIL: $*"; exit 1; }
for study in darts-cifar10 darts-imagenet; do
    file=$here/experiments/$study.json
    "$SEKI" run --quiet --train --only '*+smoke' "$file" --results here || fail "$study: smoke"
    for log in here/"$study"/*+smoke.s1/run.jsonl; do
        tail -1 "$log" | grep -q '"event":"end".*"results":\[{"dataset":"synthetic","valid_pct":null,"test_pct":[0-9]' ||
            fail "$log: $(tail -1 "$log")"
    done
    status=0
    "$SEKI" run --quiet "$file" --results here 2>said || status=$?
    [ "$status" = 3 ] || fail "$study: status $status, 3 expected"
    "$SEKI" report --results here "$file" >/dev/null || fail "$study: report"
    table=here/tables/$study.md
    grep -q '^| darts-v2 .*| not run: 0 of 1 runs finished: no training of .* with device cuda' "$table" || fail "$(cat "$table")"
    grep -q '^| SEKI.*(Cai et al. 2025, arXiv 2502.20422) *| 0.05 GPU-days .*| reported' "$table" || fail "$(cat "$table")"
done
