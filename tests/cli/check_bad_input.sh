#!/bin/sh
# What cannot be done is told in one sentence, with status 2 for bad input and 1 for a failed run.
fail() { echo "FAIL: $*"; exit 1; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# says STATUS TEXT ARGUMENT...: this status, and exactly this on stderr
says() {
    expected=$1 text=$2
    shift 2
    "$SEKI" "$@" >out 2>err
    status=$?
    [ $status = "$expected" ] || fail "seki $*: status $status, expected $expected: $(cat err)"
    [ "$(cat err)" = "$text" ] || fail "seki $*: found $(cat err), expected $text"
}

# -- the command line --

says 2 'seki: unknown command "chek"; did you mean "check"? (seki --help)' chek
says 2 'seki: unknown command "" (seki --help)' ''
says 2 'seki: usage: seki run [FLAGS] FILE (seki run --help)' run
says 2 'seki: usage: seki doctor, or seki doctor --llm URL MODEL' doctor more
says 2 'seki: usage: seki doctor, or seki doctor --llm URL MODEL' doctor --llm http://127.0.0.1:1/v1
says 2 'seki: run: unknown flag --job; did you mean "--jobs"? (seki run --help)' run --job 2
says 2 'seki: run: --jobs needs a value: --jobs N' run plain.json --jobs
says 2 'seki: run: --live takes no value' run plain.json --live=1
for jobs in 0 -1 1025 2x '' 99999999999999999999; do
    says 2 "seki: run: --jobs: found \"$jobs\", expected a number from 1 to 1024" run x --jobs "$jobs"
done
says 2 'seki: run: found --only twice, expected it at most once' run x --only seki.s1 --only=seki.s2
says 2 'seki: run: --results: found "", expected a folder' run x --results ''
says 2 'seki: replay: --transcripts: found "", expected a folder' replay x --transcripts=
says 2 'seki: run: found more than one of --live, --record and --replay, expected at most one' \
    run x --live --replay

# -- experiment files --

says 2 'seki: nope.json: No such file or directory' run nope.json
says 2 'seki: .: Is a directory' run .
: >empty.json
says 2 'seki: empty.json:1:0: not JSON: unexpected token near end of file' check empty.json
echo '[]' >list.json
says 2 'seki: list.json: found a list, expected an object' report list.json

cat >plain.json <<'END'
{"seki": 1, "name": "plain", "title": "Two strategies without an LLM", "space": "nas-bench-201",
 "oracle": {"type": "table", "dataset": "cifar10", "metric": "accuracy", "epochs": 200, "at_epoch": "final", "split": "valid", "training_seed": "mean",
            "repeat": "free"},
 "budget": {"evaluations": 10}, "seeds": {"count": 3},
 "matrix": {"method": [{"label": "random", "strategy": {"type": "random"}},
                       {"label": "local", "strategy": {"type": "local"}}]},
 "tables": [{"type": "accuracy", "name": "accuracy"}]}
END
cat >asking.json <<'END'
{"seki": 1, "name": "asking", "title": "Replies made by rule", "space": "nas-bench-201",
 "oracle": {"type": "table", "dataset": "cifar10", "metric": "accuracy", "epochs": 200, "at_epoch": "final", "split": "valid", "training_seed": "mean",
            "repeat": "free"},
 "llm": {"type": "scripted", "model": "none"}, "strategy": {"type": "seki"},
 "budget": {"evaluations": 6}, "seeds": {"count": 2},
 "tables": [{"type": "accuracy", "name": "asking"}]}
END
sed 's/"name": "asking"/"name": "server"/
     s,"type": "scripted",& ,; s/"scripted" /"http", "url": "http:\/\/127.0.0.1:1\/v1", "attempts": 1/' \
    asking.json >server.json

# -- runs --

says 2 'seki: found no cell and no run that is named like "nothing*"; seki check lists the cells' \
    run plain.json --only 'nothing*'
[ ! -e results ] || fail "a run that was refused left results"
says 2 'seki: plain.json/plain: cannot make the folder: Not a directory' \
    run plain.json --results plain.json
says 0 'seki: 6 runs made' run plain.json --jobs 2
says 0 'seki: nothing to do: 6 runs were there already' run plain.json
says 0 'seki: 2 runs made' run asking.json
says 3 'seki: 0 runs made
seki: warning: 2 runs not made, since no/server has no transcript of these cells (--record asks their LLM): all' \
    run server.json --transcripts no
says 1 'seki: 1 run failed; the first: no transcript of server/all.s1 is recorded (--live or --record asks the server)
seki: 0 runs made' run server.json --transcripts no --only all.s1
says 1 'seki: 1 run failed; the first: model "none" gave no answer in 1 attempts; the last: cannot connect to the server: Connection refused
seki: 0 runs made' run server.json --live --only all.s2

# What cannot be written fails its cell, whose runs do not count as made, and no other.
log=results/plain/random/runs.jsonl.zst
cp $log whole && rm $log && mkdir $log
says 2 "seki: 1 run failed; the first: $log: cannot write: Is a directory
seki: 0 runs made, 3 were there already" run plain.json
says 2 "seki: $log: Is a directory" report plain.json
rmdir $log
head -c 100 whole >$log
says 2 "seki: $log: damaged zstd data (it ends too early)" report plain.json
head -c -1 whole >$log
says 2 "seki: $log: damaged zstd data (it ends too early)" report plain.json
says 0 "seki: warning: $log: damaged zstd data (it ends too early); its runs are made again
seki: 3 runs made, 3 were there already" run plain.json
says 0 'seki: nothing to do: 6 runs were there already' run plain.json

# -- logs --

run=results/asking/all.s1
log=$run/run.jsonl
cp $log whole
count=$(wc -l <whole | tr -d ' ')
says 0 '' replay $run
[ "$(cat out)" = "$log: $count lines, the same" ] || fail "replay said $(cat out)"

# refused REPLAYED REPORTED: what "seki replay" and "seki report" say of the log as it is now
refused() {
    says 2 "seki: $1" replay $run
    says 2 "seki: $2" report asking.json
}
rm $log && mkdir $log
refused "$log: Is a directory" "$log: Is a directory"
says 2 "seki: 1 run failed; the first: $log: Is a directory
seki: 0 runs made, 1 was there already" run asking.json
rmdir $log
says 2 "seki: $log: not there; expected the folder of one run that asks an LLM, as in results/nb201-ablation/seki.s1" \
    replay $run
says 2 "seki: results/plain/random/run.jsonl: not there; expected the folder of one run that asks an LLM, as in results/nb201-ablation/seki.s1" \
    replay results/plain/random
: >$log
refused "$log:1: found nothing, expected the start event of a run" "$log:1: found no whole line, expected a start event"
sed '3s/.*/garbage/' whole >$log
garbage="$log:3: found '[' or '{' expected near 'garbage', expected one JSON object"
refused "$garbage" "$garbage"
says 2 "seki: 1 run failed; the first: $garbage
seki: 0 runs made, 1 was there already" run asking.json
sed '1s/"version":2/"version":7/' whole >$log
refused "$log:1: version: found 7, expected 2, the version that this program replays" \
    "$log:1: version: found 7, expected 1 to 2, the versions that this program reads"
sed '1s/"seed":1,/"seed":-4,/' whole >$log
refused "$log: /seeds/first: found -4, expected a whole number from 0 to 1000000000000" \
    "$log:1: seed: found -4, expected a whole number of at least 0"

# A log of another number of lines, or with another line, is told as such, times aside.
head -c -20 whole >$log
says 1 "seki: $log: the log has $((count - 1)) lines and a torn one, the replay $count" replay $run
sed '2s/"repeat":false/"repeat":true/; 1s/"started_at":"[^"]*"/"started_at":"once"/' whole >$log
says 1 "seki: $log:2: differs: the log has \"...\":1619.414,\"repeat\":true,\"stage\":\"start\"}\", the replay \"...\":1619.414,\"repeat\":false,\"stage\":\"start\"}\"" \
    replay $run

# A log that stops, or goes on in a way that no run does, is made anew.
(head -1 whole; echo '{"event":5}') >$log
says 0 'seki: 1 run made, 1 was there already' run asking.json
says 0 '' replay $run

# -- documents --

# A file that is no experiment has its name as a text there, and nowhere else.
cp list.json 'a">%}#<script>.json'
says 2 'seki: a">%}#<script>.json: found a list, expected an object' report --document --results paper 'a">%}#<script>.json'
grep -q '<section id="file-1">' paper/report.html || fail "the section has no id: $(cat paper/report.html)"
! grep -q '<script' paper/report.html || fail 'a name is a tag of the document'
grep -Fqx '\label{sec:file-1}' paper/report.tex || fail "the section has no label: $(cat paper/report.tex)"

# -- tables --

says 2 'seki: nope.h5: No such file or directory' query nope.h5 421211
says 2 'seki: query: expected either a CELL or --all' query nas-bench-201
says 2 'seki: 999999: digit 1 is '"'9', expected 0 to 4" query nas-bench-201 999999
says 2 'seki: import: --space NAME must be given: the space that the architectures are of' import a b

# -- a full disk --

if [ -w /dev/full ]; then
    for words in '--help' 'run --help' 'check plain.json' 'check --schema' 'query nas-bench-201 --all' \
        'query nas-bench-201 421211 --json' 'report plain.json' "replay $run"; do
        # shellcheck disable=SC2086
        "$SEKI" $words >/dev/full 2>err
        status=$?
        [ $status = 2 ] || fail "seki $words to a full disk: status $status, expected 2"
        [ "$(cat err)" = 'seki: cannot write to stdout' ] || fail "seki $words said $(cat err)"
    done
fi
exit 0
