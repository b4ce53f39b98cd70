#!/bin/bash
# A study that trains and is killed again and again, within trainings and between them, ends in the
# bytes of one that was left alone, times aside; and what was trained once is never trained again.
set -eu
here=$(cd "${srcdir:-.}/tests/run" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAIL: $*"; exit 1; }
cp "$here/trained.json" .

# Without what was measured, and without the build.
plain() {
    sed -E 's/"(cost_s|simulated_s|wall_s|train_s|evaluate_s|images_per_s)":[0-9.e+-]+/"\1":0/g
            s/"(started_at|finished_at)":"[^"]*"/"\1":""/g' "$1"
}
# Without the times of this call alone.
timeless() { sed -E 's/"wall_s":[0-9.]+/"wall_s":0/; s/"started_at":"[^"]*"/"started_at":""/' "$1"; }
train() { "$SEKI" run --quiet --train trained.json --results "$@"; }
same_logs() { # same_logs FILTER A B
    for run in "$2"/trained/*.s1; do
        run=${run#"$2"/}
        cmp <("$1" "$2/$run/run.jsonl") <("$1" "$3/$run/run.jsonl") || fail "$run: $2 and $3 differ"
    done
}

# Nothing was trained, and nobody said that it may be.
status=0
"$SEKI" run --quiet trained.json --results none 2>said || status=$?
[ "$status" = 3 ] || fail "status $status without trainings, 3 expected"
grep -q '2 runs not made, since not all architectures of these cells were trained before (--train does it): random, seki' said ||
    fail "said $(cat said)"
"$SEKI" report --results none trained.json >/dev/null
grep -q '^| random .*not run: 0 of 1 runs finished: no training of [0-4]* by seed 1 is stored, for 4 epochs on synthetic with device reference' \
    none/tables/trained.md || fail "the table: $(cat none/tables/trained.md)"

# Answers that nobody could report are no reason to train for hours first.
sed 's/"repeat"/"final": {"epochs": 2}, "repeat"/' trained.json >other.json
status=0
"$SEKI" run --quiet --train other.json --results other 2>said || status=$?
[ "$status" = 2 ] && [ ! -e other ] || fail "status $status for answers that cannot be reported: $(ls other)"
grep -q '^seki: other.json: cell random: /report: found synthetic after 4 epochs, expected synthetic after 2: ' said ||
    fail "said $(cat said)"

train whole || fail "the study that was left alone"
table=$(cd whole/trainings && ls)
[ "$(grep -c digits "whole/trainings/$table")" -ge 5 ] || fail "too few trainings"

# Killed where it happens to be; the logs of a replay that failed are no hindrance.
mv none killed
kills=0
for delay in 0.1 0.25 0.15 0.4 0.2 0.3 0.5 0.35; do
    (exec "$SEKI" run --quiet --train trained.json --results killed) & run=$!
    sleep "$delay"
    kill -9 "$run" 2>/dev/null && kills=$((kills + 1))
    wait "$run" 2>/dev/null || true
done
train killed || fail "going on after $kills kills"
[ "$kills" -ge 1 ] || fail "nothing was killed"
same_logs plain whole killed
cmp <(plain "whole/trainings/$table") <(plain "killed/trainings/$table") || fail "the trainings differ"
[ "$(ls killed/trainings | grep -v "\.part$")" = "$table" ] || fail "left over: $(ls killed/trainings)"

# A polite signal ends it with status 75.
for _ in 1 2 3 4 5; do
    rm -rf polite
    (exec "$SEKI" run --quiet --train trained.json --results polite) & run=$!
    for _ in $(seq 500); do [ ! -s "polite/trainings/$table" ] || break; sleep 0.01; done
    kill -TERM "$run" || true
    status=0; wait "$run" || status=$?
    [ "$status" = 0 ] || break
done
[ "$status" = 75 ] || fail "SIGTERM gave status $status, 75 expected"
train polite || fail "going on after SIGTERM"
same_logs plain whole polite

# Without its logs a study is made again from the trainings alone, at any number of jobs.
for jobs in 1 4; do
    mkdir -p "again$jobs" && cp -r whole/trainings "again$jobs/"
    "$SEKI" run --quiet trained.json --results "again$jobs" --jobs "$jobs" || fail "from trainings, $jobs jobs"
    same_logs timeless whole "again$jobs"
done
"$SEKI" replay whole/trained/random.s1 | grep -q 'lines, the same$' || fail "seki replay"

# Runs that ask for the same training at once wait for the one that makes it.
sed 's/"matrix": .*/"matrix": {"method": [{"label": "a"}, {"label": "b"}, {"label": "c"}]}, "strategy": {"type": "random"},/' \
    trained.json >alike.json
"$SEKI" run --quiet --train alike.json --results alike --jobs 3 || fail "alike runs, 3 jobs"
cmp <(plain "alike/trainings/$table") <(head -n "$(wc -l <"alike/trainings/$table")" "whole/trainings/$table" | plain /dev/stdin) ||
    fail "the trainings of alike runs differ"

# Trainings that come with the project answer too, and the tables say so.
mkdir -p data/benchdata/trainings
zstd -q "whole/trainings/$table" -o "data/benchdata/trainings/$table.zst" 2>/dev/null || exit 0
SEKI_DATA=data "$SEKI" run --quiet trained.json --results stored || fail "from the project's trainings"
[ ! -e stored/trainings ] || fail "stored/trainings was made"
cmp <(timeless whole/trained/random.s1/run.jsonl) \
    <(timeless stored/trained/random.s1/run.jsonl | sed 's/"stored":true/"stored":false/') || fail "stored differs"
SEKI_DATA=data "$SEKI" report --results stored trained.json >/dev/null
grep -q '^| random .* stored ' stored/tables/trained.md || fail "the table: $(cat stored/tables/trained.md)"
