#!/bin/bash
# Recordings at --jobs N ask one server N things at once, each run over a connection that it keeps;
# nothing but times tells their logs from those of one after the other, and the record says how many
# requests were on their way.
set -eu
here=$(cd "${srcdir:-.}/tests/run" && pwd)
server=$(dirname "$SEKI")/tests/run/server
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAIL: $*"; exit 1; }

mkfifo in; exec 9<>in
"$server" 30 count <in >port 2>/dev/null & pid=$!
for _ in $(seq 500); do [ -s port ] && break; sleep 0.02; done
[ -s port ] || fail "the server did not start"
sed -e "s,@URL@,http://127.0.0.1:$(cat port)/v1," -e '$d' "$here/resume.json" >experiment.json
cat >>experiment.json <<'END'
  ,"tables": [{"type": "cost", "name": "cost", "caption": "c", "label": "form"}]
}
END

record() { "$SEKI" run --quiet experiment.json --record --results "$1" --transcripts "$1/t" --jobs "$2"; }
record four 4 || fail "four jobs"
[ "$(cat count.peak)" = 4 ] || fail "at most $(cat count.peak) requests at once, 4 expected"
[ "$(cat count.connections)" = 4 ] || fail "$(cat count.connections) connections of 4 runs"
record one 1 || fail "one job"
[ "$(cat count.connections)" = 8 ] || fail "$(($(cat count.connections) - 4)) connections of 4 runs, one after the other"

plain() { sed -E 's/"(ms|llm_ms|wall_s|in_flight)":[0-9.]+/"\1":0/g; s/"started_at":"[^"]*"/"started_at":""/' "$1"; }
for run in one/resume/*.s*; do
    cmp <(plain "$run/run.jsonl") <(plain "four/${run#one/}/run.jsonl") || fail "$run at four jobs"
    grep '"event":"call"' "$run/run.jsonl" | grep -vq '"in_flight":1,' && fail "$run: not alone"
done
grep -q '"in_flight":4,' four/resume/*/run.jsonl || fail "no log says that four were on their way"

# A replay has the number from the record, and the table its mean.
"$SEKI" run --quiet experiment.json --results again --transcripts four/t || fail "replay"
for run in four/resume/*.s*; do
    cmp <(sed -E '1d; s/"wall_s":[0-9.]+//' "$run/run.jsonl") \
        <(sed -E '1d; s/"wall_s":[0-9.]+//' "again/${run#four/}/run.jsonl") || fail "$run replayed"
done
"$SEKI" report --quiet experiment.json --results again >said || fail "report"
grep -Eq '^\| edit .* \| +[1-4]\.[0-9] \| replayed' again/tables/cost.md || fail "$(cat again/tables/cost.md)"
kill "$pid"; pid=; exec 9>&-
