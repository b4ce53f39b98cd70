#!/bin/bash
# What an NVIDIA GPU trains in a second, by backend "cuda" and by PyTorch on the same card, whole
# processes in turn, medians:
#
#   gpu.sh [--rounds N] [--steps N] [--nets "best conv light darts"] [--precisions "fp32 tf32 bf16"]
#          [--parts "single many deterministic curve"] [--ways "channels_last-graph ..."] [--minutes N]
#          [--limit SECONDS]
#
# single: images/s of whole training steps of one network, and the MB of the device that they take,
# beside PyTorch eager (NCHW and channels-last), compiled, captured as a CUDA graph, and both. many: several
# of the best CIFAR-10 cell at once on the card, as architectures an hour of 12 epochs over 50 000
# images; seki by threads of a process (as --jobs does) and by processes, PyTorch by processes (of its
# ways the fastest in bf16 alone). Processes share the card as its driver lets them: with MPS where that
# runs (nvidia-cuda-mps-control -d), which the first line says. deterministic: what the option costs.
# curve: epoch by epoch, the loss of one training by device cpu and by cuda. PyTorch is that of
# TORCH_PYTHON, else of python3.
#
# What fails, or takes longer than --limit, is "failed" in its row, is not tried in further rounds, and
# is told below the tables; all else goes on. After --minutes nothing more is begun, and what was not
# measured is "-". Status 77 where no GPU trains, 1 where seki failed.
set -eu
rounds=3 steps=100 nets='best conv light darts' precisions='fp32 tf32 bf16' parts='single many deterministic curve'
ways='nchw-eager channels_last-eager channels_last-compile channels_last-graph channels_last-compile_graph'
minutes=100000 limit=300
while [ $# -gt 1 ]; do
    case $1 in
    --rounds) rounds=$2 ;; --steps) steps=$2 ;; --nets) nets=$2 ;; --precisions) precisions=$2 ;; --parts) parts=$2 ;;
    --ways) ways=$2 ;; --minutes) minutes=$2 ;; --limit) limit=$2 ;;
    *) break ;;
    esac
    shift 2
done
[ $# = 0 ] || {
    echo "gpu.sh: found \"$1\", expected --rounds, --steps, --nets, --precisions, --parts, --ways, --minutes or --limit with a value" >&2
    exit 2
}
bench=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKI_MODULES=${SEKI_MODULES:-$BENCH_BUILD/../..}
python=${TORCH_PYTHON:-python3}
. "$bench/nets.sh"

tiny='|skip_connect~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|'
timeout -k 5 "$limit" "$BENCH_BUILD/train_step" nas-bench-201 "$tiny" '{"cells": 1, "batch": 2, "steps": 1, "device": "cuda"}' >/dev/null 2>"$work/why" || {
    [ -s "$work/why" ] || echo "a single step was not done in $limit s" >"$work/why"
    echo "gpu.sh: not run, since no GPU trains here: $(sed 's/^train_step: //' "$work/why" | head -n 1)"
    exit 77
}
mps='no MPS'
! pgrep -x nvidia-cuda-mps >/dev/null 2>&1 && ! pgrep -f nvidia-cuda-mps-control >/dev/null 2>&1 || mps=MPS
nvidia-smi --query-gpu=name,driver_version,clocks.sm,power.limit --format=csv,noheader 2>/dev/null | head -n 1 |
    sed "s/\$/, $mps/" || echo "the card's name is not known: nvidia-smi is not there"
torch=$("$python" -c 'import torch; assert torch.cuda.is_available(); print(torch.__version__, "with CUDA", torch.version.cuda)' 2>/dev/null) || torch=
if [ -n "$torch" ]; then echo "PyTorch $torch"; else
    echo "PyTorch: NOT COMPARED WITH, since $python has none that sees the card (TORCH_PYTHON names another)"
fi

# measure FILE COMMAND...: adds the line that it prints; "failed" where it fails. No line when time is up.
measure() {
    local at=$1 seconds=$((60 * minutes - SECONDS)) status=0
    shift
    [ "$seconds" -gt 0 ] && ! grep -qs failed "$at" || return 0
    timeout -k 5 $((seconds < limit ? seconds : limit)) "$@" >"$at.line" 2>"$at.said" || status=$?
    case $status in
    0) cat "$at.line" >>"$at"; return 0 ;;
    124 | 137) [ "$seconds" -gt "$limit" ] || return 0; echo "not done in $limit s" >>"$at.said" ;;
    esac
    echo "$(basename "$at"): $(grep . "$at.said" | tail -n 1)" >>"$work/failures"
    echo failed >>"$at"
}
seki() { # FILE SETTINGS
    measure "$1" "$BENCH_BUILD/train_step" "$space" "$text" \
        "{\"cells\": $cells, \"width\": $channels, \"warmup\": 10, \"device\": \"cuda\", $2}"
}
peer() { # FILE SETTINGS
    measure "$1" "$python" "$bench/train_torch.py" "$space" "$text" \
        "{\"cells\": $cells, \"width\": $channels, \"warmup\": 10, \"device\": \"cuda\", $2}"
}
# What was measured, the middle of a column; or failed, or "-".
found() { # FILE COLUMN
    if [ ! -s "$1" ]; then echo -; elif grep -q failed "$1"; then echo failed; else middle "$1" "$2"; fi
}
use() { IFS=';' read -r space text cells channels _ <<<"$(network "$1")"; }
[ -n "$torch" ] || ways=

# one NET BATCH PRECISION: a row of the table.
one() {
    local way i at="$work/$1-$2-$3" common="\"batch\": $2, \"precision\": \"$3\", \"steps\": $steps"
    use "$1"
    for i in $(seq "$rounds"); do
        seki "$at-seki" "$common"
        for way in $ways; do
            peer "$at-$way" "$common, \"layout\": \"${way%-*}\", \"way\": \"${way#*-}\""
        done
    done
    printf '  %-6s %5d  %-4s' "$1" "$2" "$3"
    for way in seki $ways; do
        case $(found "$at-$way" 3) in
        - | failed) printf '  %21s' "$(found "$at-$way" 3)" ;;
        *) printf '  %9.0f (%6.0f MB)' "$(found "$at-$way" 3)" "$(found "$at-$way" 4)" ;;
        esac
        [ $way = seki ] || found "$at-$way" 3 >>"$at-peers"
    done
    [ -z "$ways" ] || awk -v s="$(found "$at-seki" 3)" '$1 + 0 > best { best = $1 } END { if (s + 0 > 0 && best > 0) printf "  %6.2f", s / best }' "$at-peers"
    echo
}

single() {
    local net precision
    printf '\nImages/s of whole training steps, one network (MB of the device), medians of %s rounds of %s steps:\n' "$rounds" "$steps"
    printf '  %-6s %5s  %-4s  %21s' net batch '' seki
    for way in $ways; do printf '  %21s' "${way/channels_last/nhwc}"; done
    echo "${ways:+  seki / best}"
    for net in $nets; do
        for precision in $precisions; do
            if [ "$net" = darts ]; then one darts 96 "$precision"; else one "$net" 64 "$precision"; one "$net" 256 "$precision"; fi
        done
    done
}

# An hour of architectures: RATE of images -> trainings of 12 epochs over 50 000 images.
per_hour() { awk -v rate="$1" 'BEGIN { if (rate + 0 > 0) printf "%.1f", rate * 3600 / (12 * 50000); else print rate }'; }

many() {
    local count i kind at
    printf '\nArchitectures an hour, several at once on the card (best cell, N = 5, C = 16, batch 256, bf16, 12 epochs of 50 000 images):\n'
    printf '  %7s  %14s  %14s' 'at once' 'seki threads' 'processes'
    [ -z "$torch" ] || printf '  %14s  %14s' 'torch eager' 'torch graph'
    echo
    use best
    for count in 1 2 4 8 16; do
        local common="\"batch\": 256, \"precision\": \"bf16\", \"steps\": $steps"
        at=$work/many-$count
        for i in $(seq "$rounds"); do
            seki "$at-jobs" "$common, \"jobs\": $count"
            seki "$at-processes" "$common, \"processes\": $count"
            [ -z "$torch" ] || for kind in eager graph; do
                peer "$at-$kind" "$common, \"way\": \"$kind\", \"processes\": $count"
            done
        done
        printf '  %7d' "$count"
        for kind in jobs processes ${torch:+eager graph}; do
            printf '  %14s' "$(per_hour "$(found "$at-$kind" 3)")"
        done
        echo
    done
}

deterministic() {
    local net precision at value
    printf '\nWhat "deterministic": true costs, images/s without and with it, batch 64 (darts 96):\n'
    for net in $nets; do
        use "$net"
        for precision in $precisions; do
            at=$work/deterministic-$net-$precision
            for _ in $(seq "$rounds"); do
                for value in false true; do
                    seki "$at-$value" "\"batch\": $([ "$net" = darts ] && echo 96 || echo 64), \"precision\": \"$precision\", \"steps\": $steps, \"deterministic\": $value"
                done
            done
            awk -v net="$net" -v precision="$precision" -v a="$(found "$at-false" 3)" -v b="$(found "$at-true" 3)" \
                'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "  %-6s  %-4s  %9.0f  %9.0f  %+5.1f %% of the time\n", net, precision, a, b, 100 * (a / b - 1)
                    else printf "  %-6s  %-4s  %9s  %9s\n", net, precision, a, b }'
        done
    done
}

# The same cell, seed and batches by both devices: an experiment, of which the losses are shown.
curve() {
    local file study=${SEKI_DATA:-.}/experiments/fashion-nb201-curve.json
    printf '\nTraining loss by epoch, the same cell, seed and batches by each device (%s):\n' "$(basename "$study")"
    local seconds=$((60 * minutes - SECONDS))
    [ "$seconds" -gt 0 ] || { echo '  -'; return 0; }
    timeout -k 5 "$seconds" "${SEKI:-seki}" run --quiet --train --results "$work/curve" "$study" 2>"$work/curve-said" || {
        echo "  not run: $(grep . "$work/curve-said" | tail -n 1)"
        return 0
    }
    for file in "$work"/curve/trainings/*.jsonl; do
        grep -o '"train_loss":[0-9.e+-]*' "$file" | cut -d: -f2 >"$work/curve.$(sed -n '1s/.*"device":"\([a-z]*\)".*/\1/p' "$file")"
    done
    printf '  %5s  %10s  %10s  %10s\n' epoch cpu cuda difference
    paste "$work/curve.cpu" "$work/curve.cuda" | awk '{ printf "  %5d  %10.5f  %10.5f  %+10.5f\n", NR, $1, $2, $2 - $1 }'
}

for part in $parts; do
    case $part in
    single | many | deterministic | curve) "$part" ;;
    *) echo "gpu.sh: found part \"$part\", expected single, many, deterministic or curve" >&2; exit 2 ;;
    esac
done
[ "$SECONDS" -lt $((60 * minutes)) ] || printf '\nTime was up after %s minutes: what has no number was not measured.\n' "$minutes"
[ ! -s "$work/failures" ] || { printf '\nWhat failed:\n'; sort -u "$work/failures" | sed 's/^/  /'; }
! grep -Eqs -- '-(seki|jobs|processes|true|false): ' "$work/failures"
