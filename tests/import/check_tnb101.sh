#!/bin/sh
# The best of each column of transnas-bench-101.h5, and the cell that has it, are those of the sources, which are read
# here without the importer. Skipped where they are not at hand.
[ -n "$SEKI_DATA_DIR" ] && [ -d "$SEKI_DATA_DIR/tnb101" ] || exit 77
command -v python3 >/dev/null || exit 77
"$SEKI" query transnas-bench-101 --all | python3 -c '
import csv, gzip, os, sys
folder = os.path.join(os.environ["SEKI_DATA_DIR"], "tnb101")
final = list(csv.DictReader(open(os.path.join(folder, "micro.csv"))))
best = list(csv.DictReader(gzip.open(os.path.join(folder, "best_micro.csv.gz"), "rt")))
ours = list(csv.DictReader(sys.stdin))
assert len(final) == len(best) == len(ours) == 4096
epochs = {"jigsaw": 10, "autoencoder": 30, "normal": 30, "segmentsemantic": 30}
names = {"top1": "accuracy", "top5": "top5_accuracy", "acc": "accuracy", "mIoU": "miou"}

def check(column, theirs, key):
    found = max(ours, key=lambda row: float(row[column]))
    expected = max(theirs, key=lambda row: float(row[key[1]]))
    assert abs(float(found[column]) / float(expected[key[1]]) - 1) < 1e-6, column
    ties = {row[key[0]] for row in theirs if abs(float(row[key[1]]) / float(expected[key[1]]) - 1) < 1e-6}
    assert found["digits"] in ties, column

checked = 0
for task in list(final[0])[1:]:
    metric = {"room_layout": "neg_loss", "autoencoder": "ssim", "normal": "ssim"}.get(task, "accuracy")
    percent = "" if metric in ("neg_loss", "ssim") else "_percent"
    check("%s_%s_valid_%d_mean%s" % (metric, task, epochs.get(task, 25), percent), final,
          ("naslib_op_indices", task))
    checked += 1
for key in list(best[0])[2:]:
    task = next(name for name in final[0] if key.startswith(name))
    if key.endswith("_time_s"):
        column = "training_time_%s_%d_mean_s" % (task, epochs.get(task, 25))
    else:
        split, theirs = key[len(task) + 1:].split("_", 1)
        metric = names.get(theirs, theirs)
        percent = "" if metric in ("neg_loss", "ssim") else "_percent"
        column = "%s_best_epoch_%s_%s_%d_mean%s" % (metric, task, split, epochs.get(task, 25), percent)
    check(column, best, ("key", key))
    checked += 1
assert checked == len(ours[0]) - 3, checked # digits, arch and arch_index
'
