#!/bin/sh
# make fuzz FUZZ_SECONDS=N: runs each fuzzer for N seconds from its corpus, and says what came of it.
# Below fuzzing/ of the build folder stay, for each target, the inputs that reach new code (the next
# run begins with them too), the log, and what was found. Exits with 1 when anything was.
set -eu
seconds=$1 slow=30 # seconds that no input may take, on a busy machine under the sanitizers
shift
source=$(dirname "$0")
export UBSAN_OPTIONS=print_stacktrace=1
failed=0

# last NAME LOG: the value of the last "NAME value" in the log.
last() {
    sed -n "s/.*$1 *\([0-9]*\).*/\1/p" "$2" | tail -1
}

for fuzzer in "$@"; do
    target=${fuzzer##*fuzz_}
    work=fuzzing/$target
    mkdir -p "$work/inputs" "$work/findings"
    "./$fuzzer" -max_total_time="$seconds" -timeout=$slow -report_slow_units=$slow \
        -rss_limit_mb=2048 -print_final_stats=1 -dict="$source/json.dict" -artifact_prefix="$work/findings/" \
        "$work/inputs" "$source/corpus/$target" >"$work/log" 2>&1 || failed=1
    found=$(find "$work/findings" -type f | wc -l)
    echo "$target: $(last 'number_of_executed_units:' "$work/log") executions, coverage" \
        "$(last ' cov:' "$work/log") edges, $found findings"
    [ "$found" = 0 ] || { failed=1; ls "$work"/findings/*; }
done
exit $failed
