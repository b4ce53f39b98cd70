#!/bin/bash
# The bench of GPUs with programs in place of the measured ones, since here is no GPU: what fails or takes
# too long is told, the other rows are there, and no time is spent after --minutes.
set -eu
bench=$(cd "${srcdir:-.}/tests/bench" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; cat "$work/said"; exit 1; }

# Both are told the space, the architecture and the settings.
cat >"$work/train_step" <<'END'
#!/bin/sh
case $3 in *'"batch": 64, "precision": "fp32"'*) echo 'train_step: no such algorithm' >&2; exit 1 ;; esac
echo '1.00 10 3000.00 50'
END
cat >"$work/python" <<'END'
#!/bin/sh
[ "$1" != -c ] || { echo '2.0 with CUDA 13'; exit; }
case $4 in
*'"way": "compile"'*) echo 'Traceback' >&2; echo 'OSError: no compiler' >&2; exit 1 ;;
*'"way": "graph"'*'"processes": 2'*) sleep 60 ;;
*'"layout": "nchw"'*) echo '1.00 10 1000.00 50' ;;
*) echo '1.00 10 2000.00 50' ;;
esac
END
chmod +x "$work/train_step" "$work/python"
run() { # STATUS OPTION...
    local expected=$1 status=0
    shift
    BENCH_BUILD=$work TORCH_PYTHON=$work/python SEKI=false bash "$bench/gpu.sh" --rounds 2 "$@" >"$work/said" 2>&1 || status=$?
    [ $status = "$expected" ] || fail "status $status, expected $expected, of $*"
}
says() { grep -Eqx -- "$1" "$work/said" || fail "no line \"$1\""; }

run 1 --nets 'best darts' --precisions 'fp32 bf16' --ways 'nchw-eager channels_last-compile channels_last-graph' --parts 'single deterministic curve'
says '  best      64  fp32 +failed +1000 \(    50 MB\) +failed +2000 \(    50 MB\)'
says '  best     256  fp32 +3000 \(    50 MB\) +1000 \(    50 MB\) +failed +2000 \(    50 MB\) +1\.50'
says '  darts     96  bf16 +3000 .* +1\.50'
says '  best    fp32 +failed +failed'
says '  best    bf16 +3000 +3000 +\+0\.0 % of the time'
says '  best-64-fp32-seki: train_step: no such algorithm'
says '  best-256-bf16-channels_last-compile: OSError: no compiler'

run 0 --parts many --limit 5
says ' +1 +18\.0 +18\.0 +12\.0 +12\.0'
says ' +2 +18\.0 +18\.0 +12\.0 +failed'
says '  many-2-graph: not done in 5 s'

run 0 --minutes 0 --nets best --precisions bf16
says '  best      64  bf16 .* - +- +- +- +- +-'
says 'Time was up after 0 minutes: what has no number was not measured\.'

run 2 --part single
