#!/usr/bin/env python3
"""Makes the small file of PyTorch's figures that check_torch reads from a whole one:

    tests/train/torch-light.py reference.h5 tests/train/torch-light.h5     # needs python3-h5py

What it keeps is as it was: the images, and cell group "light" with all of its figures at learning
rate 0.1, and with the first three steps at 0.01. Only how it is packed is changed."""
import sys
import h5py

STEPS = 3  # at learning rate 0.01


def copy(source, target, name):
    values = source[name][...]
    if name.startswith("loss_lr0.01_"):
        values = values[: STEPS + 1]
    packed = {"chunks": values.shape, "compression": "gzip", "compression_opts": 9, "shuffle": True} if values.size > 1000 else {}
    made = target.create_dataset(name, data=values, **packed)
    made.attrs.update(source[name].attrs)


def main(whole, small):
    with h5py.File(whole, "r") as source, h5py.File(small, "w", libver=("earliest", "v110")) as target:
        for name in ("images_u8", "labels"):
            copy(source, target, name)
        light = target.create_group("light")
        light.attrs.update(source["light"].attrs)
        for name, item in source["light"].items():
            if isinstance(item, h5py.Dataset):
                copy(source["light"], light, name)
        tensors = light.create_group("tensors")
        for name in source["light/tensors"]:
            copy(source["light/tensors"], tensors, name)


main(*sys.argv[1:])
