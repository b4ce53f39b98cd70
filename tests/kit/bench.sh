#!/bin/sh
# The table of what a GPU trains in a second, beside PyTorch where python3 has it: bin/gpu.sh says more.
here=$(cd "$(dirname "$0")" && pwd) || exit 99
. "$here/bin/kit.sh"
BENCH_BUILD="$here/bin" exec bash "$here/bin/gpu.sh" "$@"
