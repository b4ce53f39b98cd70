#!/bin/sh
# tools/imagenet16-120-pack, on pickles of five images that stand in for upstream's: what it keeps,
# how it writes it, and what it refuses.
python=
for candidate in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! $candidate -c 'import numpy' 2>/dev/null || python=$candidate
done
[ -n "$python" ] || { echo 'skipped: no python3 here has numpy'; exit 77; }
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
$python - "${srcdir:-.}/tools/imagenet16-120-pack" "$folder" <<'END'
import hashlib, importlib.machinery, importlib.util, os, pickle, sys
import numpy

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("pack", sys.argv[1])
tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("pack", loader))
loader.exec_module(tool)
folder = sys.argv[2]


def put(name, value, protocol=2):
    with open(os.path.join(folder, name), "wb") as file:
        pickle.dump(value, file, protocol)
    return tool.md5_of(os.path.join(folder, name))


def run():
    """What main() says as it gives up, or None."""
    sys.argv = ["pack", folder, os.path.join(folder, "out")]
    try:
        tool.main()
    except SystemExit as end:
        return str(end).replace(folder, "F")
    return None


def expect(found, wanted):
    assert found == wanted, f"{found!r}, expected {wanted!r}"


pixels = numpy.random.default_rng(1).integers(0, 256, (5, 768), dtype=numpy.uint8)
a = put("a", {"data": pixels[:3], "labels": [120, 121, 1]})
b = put("b", {"data": pixels[3:4], "labels": [0]})
c = put("c", {"data": pixels[4:], "labels": [7], "mean": pixels[0] / 2})
tool.PARTS = {"train.images": {"a": a, "b": b}, "val.images": {"c": c}}
expect(run(), None)
body = b"\x77\x00\x00\x00" + pixels[0].tobytes() + pixels[2].tobytes()
header = f"seki-images 1 2 3 16 16 120 {hashlib.sha256(body).hexdigest()}"
with open(os.path.join(folder, "out", "train.images"), "rb") as file:
    expect(file.read(), header.encode() + b" " * (127 - len(header)) + b"\n" + body)
with open(os.path.join(folder, "out", "val.images"), "rb") as file:
    expect(file.read()[128:], b"\x06\x00" + pixels[4].tobytes())

tool.PARTS = {"train.images": {"a": b}}
expect(run(), f"F/a: MD5 {a}, expected the published {b}")
tool.PARTS = {"train.images": {"d": put("d", {"data": pixels[:, :9], "labels": [1] * 5})}}
expect(run(), "F/d: found uint8 (5, 9), expected 5 images")
tool.PARTS = {"train.images": {"e": put("e", {"data": os.getcwd, "labels": []})}}
expect(run(), "F/e: names posix.getcwd, expected arrays alone")
tool.PARTS = {"train.images": {"none": a}}
expect(run(), "F/none: No such file or directory")
END
