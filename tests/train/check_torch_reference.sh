#!/bin/sh
# All figures of PyTorch, where SEKI_TORCH_REFERENCE names the file that holds them.
if test -z "$SEKI_TORCH_REFERENCE"; then
    echo 'SKIPPED: SEKI_TORCH_REFERENCE names no file of figures of PyTorch (reference.h5);'
    echo 'check_torch has compared with the small one, torch-light.h5'
    exit 77
fi
exec tests/train/check_torch "$SEKI_TORCH_REFERENCE"
