#!/bin/bash
# A recorded run that is killed again and again ends in the bytes of one that was left alone, asks
# the server for nothing twice, and replays to the same log at any --jobs.
set -eu
here=$(cd "${srcdir:-.}/tests/run" && pwd)
server=$(dirname "$SEKI")/tests/run/server
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAIL: $*"; exit 1; }

# Times differ between two recordings, and are taken out before comparing.
plain() { sed -E 's/"(ms|llm_ms|wall_s)":[0-9.]+/"\1":0/g; s/"started_at":"[^"]*"/"started_at":""/' "$1"; }

serve() { # serve DELAY_MS: starts the server, sets url; its input is fd 9
    mkfifo in; exec 9<>in
    "$server" "$1" count <in >port 2>/dev/null & pid=$!
    for _ in $(seq 500); do [ -s port ] && break; sleep 0.02; done
    [ -s port ] || fail "the server did not start"
    sed "s,@URL@,http://127.0.0.1:$(cat port)/v1," "$here/resume.json" >experiment.json
}

serve 5
record() { "$SEKI" run --quiet experiment.json --record --results "$1" --transcripts "$1/transcripts"; }
record whole || fail "the run that was left alone"
whole=$(cat count)

# A replay that found no transcript is no hindrance to a recording.
status=0
"$SEKI" run --quiet experiment.json --results killed --transcripts killed/transcripts 2>said || status=$?
[ "$status" = 3 ] || fail "a replay without transcripts gave status $status, 3 expected"
grep -q 'not made, since killed/transcripts/resume has no transcript of these cells' said || fail "said $(cat said)"

kills=0
for delay in 0.03 0.05 0.07 0.04 0.09 0.06; do
    (exec "$SEKI" run --quiet experiment.json --record --results killed \
        --transcripts killed/transcripts) & run=$!
    sleep "$delay"
    kill -9 "$run" 2>/dev/null && kills=$((kills + 1))
    wait "$run" 2>/dev/null || true
done
record killed || fail "going on after $kills kills"
asked=$(($(cat count) - whole))
[ "$asked" -le $((whole + kills)) ] || fail "asked $asked times, $whole and $kills kills expected"
for run in whole/resume/*.s*; do
    run=${run#whole/}
    cmp <(plain "whole/$run/run.jsonl") <(plain "killed/$run/run.jsonl") || fail "$run differs"
done

# A polite signal ends a run with status 75, and the next call goes on. It is sent when the run has
# asked a few times; a machine that lets it finish first gets another try.
for _ in 1 2 3 4 5; do
    rm -rf polite
    before=$(cat count)
    (exec "$SEKI" run --quiet experiment.json --record --results polite \
        --transcripts polite/transcripts) & run=$!
    for _ in $(seq 500); do [ "$(cat count)" -lt $((before + 10)) ] || break; sleep 0.01; done
    kill -TERM "$run" || true
    status=0; wait "$run" || status=$?
    [ "$status" = 0 ] || break
done
[ "$status" = 75 ] || fail "SIGTERM gave status $status, 75 expected"
record polite || fail "going on after SIGTERM"
[ $(($(cat count) - before)) -le $((whole + 1)) ] || fail "after SIGTERM the server was asked again"
for run in whole/resume/*.s*; do
    run=${run#whole/}
    cmp <(plain "whole/$run/run.jsonl") <(plain "polite/$run/run.jsonl") || fail "$run differs after SIGTERM"
done
asked=$(cat count)

# A second call has nothing to do.
record killed 2>said || fail "a finished experiment"
[ "$(cat count)" = "$asked" ] || fail "a finished run asked the server"

# A log that says something else ends its run at once, and not the next one of the same thread.
cp -r whole altered
sed -i -E '$d; /"event":"evaluation","index":0/s/"valid_pct":[0-9.]+/"valid_pct":1/' \
    altered/resume/edit.s1/run.jsonl
sed -i '$d' altered/resume/edit.s2/run.jsonl
status=0; "$SEKI" run experiment.json --record --results altered --transcripts altered/transcripts \
    --jobs 1 2>said || status=$?
[ "$status" = 2 ] || fail "an altered log gave status $status, 2 expected"
grep -q '^seki: 1 run failed; the first: altered/resume/edit.s1/run.jsonl:[0-9]*: the stopped run wrote another line' said ||
    fail "an altered log: $(cat said)"
[ "$(cat count)" = "$asked" ] || fail "a run whose log was altered asked the server"
cmp <(plain whole/resume/edit.s2/run.jsonl) <(plain altered/resume/edit.s2/run.jsonl) ||
    fail "edit.s2 differs beside an altered log"

kill "$pid"; pid=; exec 9>&-
for jobs in 1 4; do
    "$SEKI" run --quiet experiment.json --results "replayed$jobs" --transcripts killed/transcripts \
        --jobs "$jobs" || fail "replay with $jobs jobs"
    for run in whole/resume/*.s*; do
        run=${run#whole/}
        cmp <(plain "killed/$run/run.jsonl" | sed 's/"ms":0//') \
            <(plain "replayed$jobs/$run/run.jsonl" | sed 's/"ms":0//') || fail "$run at $jobs jobs"
    done
done
"$SEKI" replay killed/resume/edit.s1 >said || fail "seki replay"
grep -q 'lines, the same$' said || fail "seki replay said $(cat said)"
