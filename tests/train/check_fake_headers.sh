#!/bin/bash
# The stand-in's headers declare what NVIDIA's do: every function with the same types, every constant
# with the same value. Skipped where CUDA is not installed.
set -eu
headers=$(cd "${srcdir:-.}/tests/train/fake" && pwd)
real=${CUDA_HOME:-/usr/local/cuda}/include
if ! [ -e "$real/cuda_runtime_api.h" ] || ! [ -e "$real/cudnn.h" ]; then
    echo "NOT TESTED: no CUDA and cuDNN in $real"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
own=("$headers/cuda_runtime_api.h" "$headers/cudnn.h")

# A second declaration of a function must agree with the first.
{
    printf '#include <cuda_runtime_api.h>\n#include <cudnn.h>\n'
    awk '/^(cudaError_t|cudnnStatus_t|size_t|const char \*) ?cud/ { on = 1 } on { print } /;/ { on = 0 }' "${own[@]}"
    grep -Eoh '\b(cuda|CUDNN_)[A-Za-z0-9_]+ = [0-9]+' "${own[@]}" |
        sed 's/\(.*\) = \(.*\)/_Static_assert(\1 == \2, "\1");/'
} >"$work/both.c"
declared=$(grep -c '^[a-z].*(' "$work/both.c") constants=$(grep -c Static_assert "$work/both.c")
[ "$declared" -ge 50 ] && [ "$constants" -ge 50 ] || { echo "FAIL: found $declared functions, $constants constants"; exit 1; }
${CC:-cc} -fsyntax-only -isystem "$real" "$work/both.c"
