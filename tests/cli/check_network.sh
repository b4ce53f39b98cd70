#!/bin/sh
# seki network: what it prints of an architecture's network, and what it refuses.
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

expect() { # name: compares $work/found with what stands on stdin
    cat >"$work/expected"
    diff "$work/expected" "$work/found" || { echo "FAILED: $1"; bad=1; }
}

refuses() { # sentence, arguments of seki network...
    sentence=$1
    shift
    "$SEKI" network "$@" >"$work/out" 2>"$work/found"
    [ $? -eq 2 ] && [ ! -s "$work/out" ] || { echo "FAILED: seki network $* must exit with 2 and print nothing"; bad=1; }
    echo "seki: $sentence" | expect "seki network $*"
}

"$SEKI" network nas-bench-201 301400 --cells 1 --channels 4 --size 8 | sed -n '1,10p;$p' >"$work/found"
expect "a cell of NAS-Bench-201" <<'END'
301400  |nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|none~2|

operator                                            output parameters multiply-adds
conv 3x3                                         4 x 8 x 8        108          6912  stem.0.weight
batch norm                                       4 x 8 x 8          8             0
ReLU, conv 3x3 (dead)                            4 x 8 x 8        144          9216  cells.0.layers.0.op.1.weight
batch norm (dead)                                4 x 8 x 8          8             0
copy (dead)                                      4 x 8 x 8          0             0
average pool 3x3                                 4 x 8 x 8          0             0
copy                                             4 x 8 x 8          0             0
in all                                                           7974         63402
END

# Sizes in tables of reported rows, source "counted": each as it is counted now, to the digit.
counted() { # file of experiments/reference/, beginning of the row, architecture, flags of seki network...
    file=${SEKI_DATA:-.}/experiments/reference/$1 row=$2
    shift 2
    "$SEKI" network darts "$@" | awk '$1 == "in" { printf "parameters_m %.6f\nmultiply_adds_m %.6f\n", $3 / 1e6, $4 / 1e6 }' >"$work/expected"
    grep "^\"$row.*,counted\$" "$file" | sed -E 's/.*,(parameters_m|multiply_adds_m),,([0-9.]+),.*/\1 \2/' >"$work/found"
    cmp -s "$work/expected" "$work/found" || { echo "FAILED: sizes of $row in $file"; diff "$work/expected" "$work/found"; bad=1; }
}
counted darts-cifar10.csv 'DARTS V1' 3302302313200102102112
counted darts-cifar10.csv 'DARTS V2' 3303302312500202102202
counted darts-cifar10.csv 'PC-DARTS' 2303504301504244333233
counted darts-cifar10.csv 'arch2vec-bo' 0402503413604025034136
counted darts-imagenet.csv 'DARTS V2' 3303302312500202102202 --imagenet
counted darts-imagenet.csv 'PC-DARTS' 3203243373632206233343 --imagenet

# What the table says of 421211, from where it must come: parameters, and 15.64737 MFLOP.
"$SEKI" network nas-bench-201 421211 | tail -1 | tr -s ' ' >"$work/found"
expect "the network of the paper" <<'END'
in all 129306 15647370
END

# DARTS of second order, as published: 3.3 M parameters, and 4.7 M in the mobile setting.
for flags in '' --auxiliary --imagenet; do
    "$SEKI" network darts 3303302312500202102202 $flags | tail -1 | tr -s ' '
done >"$work/found"
expect "networks of DARTS" <<'END'
in all 3349342 528359050
in all 3349342 528359050 without the auxiliary head
in all 4718752 529912552
END

refuses 'space "dart" is not known (known: nas-bench-201, transnas-bench-101, darts)' dart 421211
refuses '421215: digit 6 is '"'5'"', expected 0 to 4' nas-bench-201 421215
refuses 'network: --cells: found "0", expected a number from 1 to 1000' nas-bench-201 421211 --cells 0
refuses 'network: --channels: found "16x", expected a number from 1 to 4096' nas-bench-201 421211 --channels 16x
refuses 'network: --size: found "", expected a number from 1 to 4096' nas-bench-201 421211 --size=
refuses 'images are 30 x 30, expected multiples of 4: nas-bench-201 halves them twice' nas-bench-201 421211 --size 30
refuses 'nas-bench-201 has no auxiliary head' nas-bench-201 421211 --auxiliary
refuses 'nas-bench-201 has no network for ImageNet'"'s mobile setting" nas-bench-201 421211 --imagenet
refuses 'the auxiliary head is for images of 32 x 32 pixels; found 64 x 64, of which it would see 16 x 16' darts 3303302312500202102202 --auxiliary --size 64
exit $bad
