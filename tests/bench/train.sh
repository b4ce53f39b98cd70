#!/bin/bash
# Images a second of a whole training step by backend "cpu" and by PyTorch (Debian's python3-torch,
# eager, in both of its layouts), whole processes in turn:
#
#   train.sh ROUNDS THREADS [NAME...]
#
# A row for each network, batch size and precision (of PyTorch's by autocast; bf16 where the processor
# has it): medians of the rounds, peak resident MB, and seki's rate over the better of PyTorch's; then,
# for each network, where a step's time goes. The last line is the least of the ratios, and the
# largest of seki's memory over PyTorch's. Without PyTorch there is nothing to compare with, and no
# last line.
set -eu
rounds=$1 threads=$2
shift 2
only=" ${*:-conv best light darts} "
bench=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKI_MODULES=${SEKI_MODULES:-$BENCH_BUILD/../..}
python=${TORCH_PYTHON:-/usr/bin/python3}
first=
if chrt --fifo 1 true 2>/dev/null; then first="chrt --fifo 1"; fi
layouts='nchw channels_last'
"$python" -c 'import torch' 2>/dev/null || layouts=

. "$bench/nets.sh"
settings() { # BATCH PRECISION STEPS [MORE]
    echo "{\"cells\": $cells, \"width\": $channels, \"batch\": $1, \"precision\": \"$2\", \"steps\": $3, \"threads\": $threads${4:-}}"
}

row() { # NAME BATCH PRECISION
    IFS=';' read -r space text cells channels steps <<<"$(network "$1")"
    local i layout at="$work/$1-$2-$3"
    for i in $(seq "$rounds"); do
        $first "$BENCH_BUILD/train_step" "$space" "$text" "$(settings "$2" "$3" "$steps")" >>"$at-seki"
        for layout in $layouts; do
            $first "$python" "$bench/train_torch.py" "$space" "$text" \
                "$(settings "$2" "$3" "$steps" ", \"layout\": \"$layout\"")" >>"$at-$layout"
        done
    done
    printf '  %-6s %5d %4s  %8.1f (%5d MB)' "$1" "$2" "$3" "$(middle "$at-seki" 1)" "$(middle "$at-seki" 2)"
    for layout in $layouts; do
        printf '  %8.1f (%5d MB)' "$(middle "$at-$layout" 1)" "$(middle "$at-$layout" 2)"
    done
    [ -z "$layouts" ] || {
        awk -v s="$(middle "$at-seki" 1)" -v m="$(middle "$at-seki" 2)" \
            -v a="$(middle "$at-nchw" 1)" -v am="$(middle "$at-nchw" 2)" \
            -v b="$(middle "$at-channels_last" 1)" -v bm="$(middle "$at-channels_last" 2)" \
            'BEGIN { if (b > a) { a = b; am = bm } print s / a, m / am }' >"$at-ratio"
        printf '  %5.2f' "$(cut -d' ' -f1 "$at-ratio")"
    }
    echo
}

IFS=';' read -r space text cells channels steps <<<"$(network light)"
precisions='fp32 bf16'
"$BENCH_BUILD/train_step" "$space" "$text" "$(settings 4 bf16 1)" >"$work/bf16" 2>&1 || precisions=fp32
printf '  %-6s %5s %4s  %19s' net batch '' seki
for layout in $layouts; do printf '  %19s' "torch $layout"; done
echo "${layouts:+  ratio}"
for precision in $precisions; do
    for name in conv best light; do
        case $only in *" $name "*) row $name 64 $precision; row $name 256 $precision ;; esac
    done
    case $only in *" darts "*) row darts 32 $precision ;; esac
done
[ "$precisions" != fp32 ] || echo "  bf16 was not run: $(sed 's/^train_step: //' "$work/bf16")"

for name in $only; do
    IFS=';' read -r space text cells channels steps <<<"$(network "$name")"
    batch=64
    [ "$name" != darts ] || batch=32
    for precision in $precisions; do
        echo "Where a step of $name goes, batch $batch, $precision: percent of the threads' time, of one thread for an image, each:"
        $first "$BENCH_BUILD/train_step" "$space" "$text" "$(settings $batch $precision 3 ', "profile": true')"
    done
done
[ -z "$layouts" ] || cat "$work"/*-ratio | awk '
    { least = NR == 1 || $1 < least ? $1 : least; most = $2 > most ? $2 : most } END { print least, most }'
