#!/bin/sh
# "seki doctor" has one line for each thing, also for what is missing, and ends with status 0.
fail() { echo "FAIL: $*"; exit 1; }
out=$(mktemp) && trap 'rm -f "$out"' EXIT

# has REGEX: one of the lines is this
has() { grep -Eq "^$1\$" "$out" || fail "no line like $1 in: $(cat "$out")"; }

"$SEKI" doctor --url http://127.0.0.1:1/v1 >"$out" 2>&1 || fail "status"
has 'seki         [0-9]+\.[0-9]+\.[0-9]+'
has 'libraries    hdf5 .*, libcurl .*, jansson .*, libzstd .*, libcrypto .*, libRmath .*, zlib .*, libjpeg .*'
has 'table        .*nas-bench-201\.h5: nas-bench-201, 15625 architectures, seal [0-9a-f]{12} holds'
has 'table        .*transnas-bench-101\.h5: transnas-bench-101, 4096 architectures, seal [0-9a-f]{12} holds'
has 'transcripts  .*'
images=$(grep -c '^images       [a-z0-9-]*: ' "$out") && [ "$images" -ge 5 ] || fail "images in: $(cat "$out")"
devices=$(grep -c '^device       [a-z]*: ' "$out") && [ "$devices" -ge 2 ] || fail "devices in: $(cat "$out")"
has 'device       reference: .*'
has 'device       cpu: .*'
has 'device       cuda: .*'
has 'gnuplot      .*'
has 'graphviz     .*'
has 'llm          http://127\.0\.0\.1:1/v1: cannot connect to the server: Connection refused'
[ "$(wc -l <"$out")" = $((8 + images + devices)) ] || fail "another line in: $(cat "$out")"

# Where images are; none is read.
images=$(mktemp -d) && trap 'rm -rf "$out" "$images"' EXIT
mkdir "$images/fashion-mnist" && : >"$images/fashion-mnist/train-images-idx3-ubyte"
SEKI_IMAGES=$images "$SEKI" doctor --url http://127.0.0.1:1/v1 >"$out" 2>&1 || fail "status with images"
has "images       fashion-mnist: $images/fashion-mnist"
has "images       cifar10: found no data_batch_1.bin in $images/cifar-10-batches-bin.*, expected .*"

SEKI_DATA=/nonexistent "$SEKI" doctor --url nonsense >"$out" 2>&1 || fail "status without data"
has 'llm          nonsense: /llm/url: found "nonsense", expected http://\.\.\. or https://\.\.\.'
exit 0
