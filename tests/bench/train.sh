#!/bin/bash
# Images a second of a whole training step by backend "cpu" and by PyTorch (Debian's python3-torch,
# eager, in both of its layouts), whole processes in turn:
#
#   train.sh ROUNDS THREADS [NAME...]
#
# A row for each network, and for the named batch sizes: medians of the rounds, peak resident MB, and
# seki's rate over the better of PyTorch's; then, for each network, where a step's time goes. The
# last line is the least of the ratios, and the largest of seki's memory over PyTorch's. Without
# PyTorch there is nothing to compare with, and no last line.
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

a=nor_conv_3x3 b=avg_pool_3x3 c=skip_connect
network() { # NAME: space, architecture, cells, channels, of steps to measure
    case $1 in
    conv)  echo "nas-bench-201;|$a~0|+|$a~0|$a~1|+|$a~0|$a~1|$a~2|;5;16;5" ;;
    best)  echo "nas-bench-201;|$a~0|+|$a~0|$a~1|+|$c~0|$a~1|$a~2|;5;16;5" ;;
    light) echo "nas-bench-201;|$b~0|+|$c~0|$b~1|+|$c~0|$b~1|$c~2|;5;16;9" ;;
    darts) echo "darts;Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6));20;36;1" ;;
    esac
}

settings() { # BATCH STEPS [MORE]
    echo "{\"cells\": $cells, \"width\": $channels, \"batch\": $1, \"steps\": $2, \"threads\": $threads${3:-}}"
}

middle() { # FILE COLUMN
    awk -v column="$2" '{ print $column }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

row() { # NAME BATCH
    IFS=';' read -r space text cells channels steps <<<"$(network "$1")"
    local i layout at="$work/$1-$2"
    for i in $(seq "$rounds"); do
        $first "$BENCH_BUILD/train_step" "$space" "$text" "$(settings "$2" "$steps")" >>"$at-seki"
        for layout in $layouts; do
            $first "$python" "$bench/train_torch.py" "$space" "$text" "$cells" "$channels" "$2" "$steps" "$threads" \
                "$layout" >>"$at-$layout"
        done
    done
    printf '  %-6s %5d  %8.1f (%5d MB)' "$1" "$2" "$(middle "$at-seki" 1)" "$(middle "$at-seki" 2)"
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

printf '  %-6s %5s  %19s' net batch seki
for layout in $layouts; do printf '  %19s' "torch $layout"; done
echo "${layouts:+  ratio}"
for name in conv best light; do
    case $only in *" $name "*) row $name 64; row $name 256 ;; esac
done
case $only in *" darts "*) row darts 32 ;; esac

for name in $only; do
    IFS=';' read -r space text cells channels steps <<<"$(network "$name")"
    batch=64
    [ "$name" != darts ] || batch=32
    echo "Where a step of $name goes, batch $batch: percent of the threads' time, of one thread for an image, each:"
    $first "$BENCH_BUILD/train_step" "$space" "$text" "$(settings $batch 3 ', "profile": true')"
done
[ -z "$layouts" ] || cat "$work"/*-ratio | awk '
    { least = NR == 1 || $1 < least ? $1 : least; most = $2 > most ? $2 : most } END { print least, most }'
