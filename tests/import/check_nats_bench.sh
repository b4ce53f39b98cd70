#!/bin/sh
# Upstream's own API and files say what the embedded table says, in the three cells that upstream's repository has.
# Skipped unless nats_bench is installed and NATS_BENCH_DIR is its NATS-tss-v1_0-3ffb9-simple (fake_torch_dir will do).
[ -n "$NATS_BENCH_DIR" ] && python3 -c 'import nats_bench' 2>/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
python3 "$srcdir/tools/nats-bench-csv" "$NATS_BENCH_DIR" 0 11 284 >"$work/rows.csv" || exit 1
"$SEKI" import --space nas-bench-201 --benchmark nats-bench --columns "$srcdir/benchdata/nats-bench.columns.csv" \
    "$work/rows.csv" "$work/nats.h5" || exit 1
for cell in $(sed 1d "$work/rows.csv" | cut -d, -f1 | sort -u); do
    for table in "$work/nats.h5" nas-bench-201; do
        "$SEKI" query "$table" "$cell" --json | sed '/"latency_ms"/,$d'
    done | python3 -c '
import json, sys
text = sys.stdin.read()
decoder = json.JSONDecoder()
nats, end = decoder.raw_decode(text)
ours = json.loads(text[end:].rstrip().rstrip(",") + "}")
for key in ("arch_index", "params", "flops_m"):
    assert nats[key] == ours[key], key
for name, dataset in ours["datasets"].items():
    assert nats["datasets"][name]["epoch_s"] == dataset["epoch_s"], name
    for epochs in ("12", "200"):
        for split in ("valid", "test"):
            theirs, mean = nats["datasets"][name][epochs], split + "_pct_mean"
            assert abs(theirs[mean] - dataset[epochs][mean]) < 2e-5, (name, epochs, split)
' || exit 1
done
