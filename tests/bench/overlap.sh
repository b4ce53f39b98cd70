#!/bin/bash
# How many requests a second "seki run --jobs N" brings to a server that takes a fixed time for each,
# beside a bare load generator that sends as many of the same kind, as many at once:
#
#   overlap.sh DELAY_MS JOBS RUNS
#
# prints both and, last, the bare one's rate divided by seki's. Runs are short, so that the last of
# them, which leave threads idle, weigh little.
set -eu
delay=$1 jobs=$2 runs=$3
bench=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
cd "$work"

mkfifo in; exec 9<>in
"$BENCH_BUILD/../run/server" "$delay" count <in >port & pid=$!
for _ in $(seq 500); do [ -s port ] && break; sleep 0.02; done
url=http://127.0.0.1:$(cat port)/v1
sed -e "s,@URL@,$url," -e "s/@RUNS@/$runs/" "$bench/overlap.json" >experiment.json

begin=$(date +%s.%N)
"$SEKI" run --quiet experiment.json --live --results results --jobs "$jobs"
end=$(date +%s.%N)
count=$(cat count)
sed -n 2p results/overlap/all.s1/transcript.jsonl |
    python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["request"]), end="")' >body
bare_s=$(python3 "$bench/load.py" "$url" body "$count" "$jobs")
awk -v count="$count" -v bare="$bare_s" -v seki="$(echo "$end $begin" | awk '{ print $1 - $2 }')" \
    -v jobs="$jobs" 'BEGIN {
    printf "  %-22s %8.1f requests a second\n", "bare load generator", count / bare
    printf "  %-22s %8.1f requests a second\n", "seki run --jobs " jobs, count / seki
    printf "%.3f\n", seki / bare }'
