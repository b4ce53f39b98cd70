#!/bin/sh
# Runs the tests that make sense on this machine: ./test [PATTERN...], shell patterns of the programs
# below bin/tests ("train/*"). Ends with "N passed, N failed, N skipped"; status 1 where one failed.
here=$(cd "$(dirname "$0")" && pwd) || exit 99
. "$here/bin/kit.sh"
export srcdir="$here/share" CK_DEFAULT_TIMEOUT=600
log=$(mktemp) || exit 99
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
[ $# -gt 0 ] || set -- '*'

skip() {
    skipped=$((skipped + 1))
    echo "SKIP  $*"
}

# judge NAME STATUS: by the status, and by what the output says was not tested.
judge() {
    case $2 in
    0) passed=$((passed + 1)); echo "PASS  $1" ;;
    77) skip "$1: $(tail -n 1 "$log")" ;;
    *) failed=$((failed + 1)); echo "FAIL  $1 (status $2)"; sed 's/^/      /' "$log" ;;
    esac
    sed -n 's/^NOT TESTED: //p' "$log" | sort -u >"$log.not"
    while read -r what; do skip "$1, in part: $what"; done <"$log.not"
    rm -f "$log.not"
}

wanted() { # NAME, PATTERN...
    name=$1
    shift
    for pattern; do
        case $name in $pattern) return 0 ;; esac
    done
    return 1
}

cd "$here/bin/tests" || exit 99
programs=$(find . -type f | sed 's|^\./||' | sort)
for program in $programs; do
    wanted "$program" "$@" || continue
    case $program in
    report/check_report | report/check_document)
        { command -v gnuplot && command -v dot; } >/dev/null || {
            skip "$program: gnuplot or graphviz is not there, and it draws"
            continue
        }
        ;;
    esac
    "./$program" >"$log" 2>&1 </dev/null
    judge "$program" $?
done

# The program itself, from the file of an experiment to a log.
if wanted run "$@"; then
    work=$(mktemp -d) || exit 99
    "$SEKI" run --quiet --train --results "$work" --only '*+smoke' "$SEKI_DATA/experiments/darts-cifar10.json" >"$log" 2>&1 &&
        find "$work" -name run.jsonl | grep -q . || false
    judge "run" $?
    rm -rf "$work"
fi

# Steps of training on a GPU, in each precision.
if wanted gpu "$@"; then
    why=$(why_no_gpu)
    for precision in fp32 tf32 bf16; do
        if [ -n "$why" ]; then
            skip "gpu, $precision: NO GPU TESTED: $why"
            continue
        fi
        "$here/bin/train_step" nas-bench-201 421211 \
            "{\"batch\": 64, \"steps\": 3, \"device\": \"cuda\", \"precision\": \"$precision\"}" >"$log" 2>&1
        judge "gpu, $precision" $?
    done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
