#!/bin/bash
# A device whose module was not built, or is none, stops a training with one sentence that says what
# to do, before anything is written; "seki doctor" says the same.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
here=$(cd "${srcdir:-.}/tests/run" && pwd)

# Modules beside the program are found too, so it stands alone.
cp "$SEKI" "$work/seki"
export SEKI_MODULES=$work/modules
mkdir "$work/modules"
cd "$work"

# stops DEVICE SENTENCE
stops() {
    local status=0
    sed "s/\"device\": \"reference\"/\"device\": \"$1\"/" "$here/trained.json" >"$1.json"
    ./seki run --quiet --train "$1.json" --results results 2>said || status=$?
    [ "$status" = 1 ] || fail "$1: status $status, 1 expected: $(cat said)"
    grep -Eqx "seki: cell random: cannot be trained here: $2" said && [ "$(wc -l <said)" = 1 ] || fail "$1: said $(cat said)"
    [ ! -e results/trainings ] || fail "$1: left $(find results/trainings)"
    ./seki doctor --url http://127.0.0.1:1/v1 | grep -Eqx "device +$1: $2" || fail "$1: doctor"
}
stops cuda "seki-cuda.so is in none of $work/modules, $work, .*: this build has no backend \"cuda\", which comes with ./configure --with-cuda"
stops cpu 'seki-cpu.so is in none of .*: this build has no backend "cpu", which comes with ./configure --with-onednn'

echo 'no shared object' >modules/seki-cuda.so
stops cuda "$work/modules/seki-cuda.so: .*"
