#!/bin/bash
# The whole program trains on the stand-in of a GPU, says so wherever it names the device, and stops
# with one sentence where the device fails. Nothing that is built for users has the stand-in in it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
build=$(dirname "$SEKI")
export SEKI_MODULES=$build/tests/fake
sed 's/"device": "reference"/"device": "cuda"/' "${srcdir:-.}/tests/run/trained.json" >"$work/trained.json"
cd "$work"

grep -q 'FAKE device' "$SEKI_MODULES/seki-cuda.so" || fail 'the stand-in has another name'
for file in "$SEKI" "$build"/seki-*.so "$build/libseki.a"; do
    [ ! -e "$file" ] || ! grep -q 'FAKE device' "$file" || fail "$file has the stand-in in it"
done

doctor() { "$SEKI" doctor --url http://127.0.0.1:1/v1 | grep '^device *cuda: '; }
! doctor | grep 'no module of seki' || exit 77 # the backend is not there yet

doctor | grep -q 'FAKE' || fail "doctor: $(doctor)"
"$SEKI" run --quiet --train trained.json --results results || fail 'a training'
table=$(ls results/trainings/*)
grep -q '"digits"' "$table" || fail "nothing was trained: $(cat "$table")"
! grep '"digits"' "$table" | grep -v '"device":"FAKE device' || fail 'a result that does not say FAKE'

# stops SETTING: one sentence, and no result
stops() {
    local status=0
    SEKI_FAKE_DEVICE=$1 "$SEKI" run --quiet --train trained.json --results "$1" 2>said || status=$?
    [ "$status" = 1 ] && [ "$(wc -l <said)" = 1 ] && grep -q '^seki: .*cuda' said ||
        fail "$1: status $status, said $(cat said)"
    ! grep -q '"digits"' "$1"/trainings/* 2>/dev/null || fail "$1: a result"
}
for setting in devices=0 driver=0 driver=12000 cudnn=0; do
    stops "$setting"
    SEKI_FAKE_DEVICE=$setting doctor >said
    [ "$(wc -l <said)" = 1 ] && ! grep -q FAKE said || [ "$setting" = cudnn=0 ] || fail "doctor, $setting: $(cat said)"
done
stops memory=1000
stops lost_at=40
stops lost_at=100,lost_as=700
