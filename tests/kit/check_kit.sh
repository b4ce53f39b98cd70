#!/bin/bash
# A kit, made small, moved elsewhere and run with an empty environment: its tests pass, an experiment
# leaves its tables in the folder given, and every library but glibc's is the kit's own. pack.sh itself
# refuses a kit that names a folder of this machine. "make kit" packs all; here it is three programs.
set -eu
for tool in patchelf zstd objdump; do
    command -v $tool >/dev/null || { echo "$tool is not there"; exit 77; }
done
build=$(dirname "$SEKI")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
! grep -q "^SAN_FLAGS='-f" "$build/config.log" || { echo "the sanitizers' libraries are no part of a kit"; exit 77; }

make -s -C "$build" kit KIT="$work/kit" KIT_BENCH= KIT_TESTS='tests/base/check_base tests/space/check_space tests/oracle/check_tabular' \
    >"$work/said" 2>&1 || fail "$(cat "$work/said")"
[ -s "$work/kit.tar.zst" ] || fail "no kit.tar.zst"
mkdir "$work/moved"
zstd -dc "$work/kit.tar.zst" | tar -C "$work/moved" -xf -
rm -rf "$work/kit"
mv "$work/moved/kit" "$work/a kit"
chmod -R a-w "$work/a kit"
cd /
alone() { env -i PATH=/usr/bin:/bin HOME=/nonexistent "$@"; }

alone "$work/a kit/test" 'base/*' 'space/*' 'oracle/*' run >"$work/said" 2>&1 || fail "$(cat "$work/said")"
[ "$(tail -n 1 "$work/said")" = '4 passed, 0 failed, 0 skipped' ] || fail "$(cat "$work/said")"
alone "$work/a kit/run" nb201-ablation "$work/results" --only 'seki.s1' >"$work/said" 2>&1 || fail "$(cat "$work/said")"
[ -s "$work/results/tables/nb201-ablation.md" ] || fail "no table: $(cat "$work/said")"
status=0
alone "$work/a kit/run" no-such-study "$work/results" >"$work/said" 2>&1 || status=$?
[ $status = 2 ] || fail "status $status for an experiment that is not there: $(cat "$work/said")"

# A test that fails is counted.
chmod -R u+w "$work/a kit"
printf '#!/bin/sh\necho broken; exit 1\n' >"$work/a kit/bin/tests/space/check_space"
status=0
alone "$work/a kit/test" 'space/*' >"$work/said" 2>&1 || status=$?
[ $status = 1 ] && [ "$(tail -n 1 "$work/said")" = '0 passed, 1 failed, 0 skipped' ] || fail "$(cat "$work/said")"
