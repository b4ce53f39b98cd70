# What the three commands of a kit begin with; "here" is its folder. PATH stays the machine's.
export SEKI="$here/bin/seki" SEKI_DATA="$here/share" SEKI_MODULES="$here/bin"
export LC_ALL=C
[ ! -d "$here/images" ] || [ -n "${SEKI_IMAGES:-}" ] || export SEKI_IMAGES="$here/images"

# Why backend "cuda" trains nothing here; nothing where it does.
why_no_gpu() {
    "$here/bin/train_step" nas-bench-201 '|skip_connect~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|' \
        '{"cells": 1, "width": 4, "batch": 2, "steps": 1, "device": "cuda"}' 2>&1 >/dev/null |
        sed -n '1s/^train_step: //p'
}
