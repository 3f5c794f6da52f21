"""Reading planes and crops of cells, here and with zarr-python, from the same stores in the same run.
Usage: io_bench.py PATH-OF-io_bench PATH-OF-mitocheck.zarr [frames] [tracks]
'crops' are read one at a time, 'tracks' are the same crops asked for together; zarr-python has only the first way."""
import json
import os
import subprocess
import sys
import tempfile
import time

import numcodecs
import numpy as np
import zarr

BENCH, MOVIE = sys.argv[1], sys.argv[2]
FRAMES = int(sys.argv[3]) if len(sys.argv) > 3 else 10
SIDE, TRACKS = 160, int(sys.argv[4]) if len(sys.argv) > 4 else 200


def real_plane(source, t, c, size, random):
    """Real nuclei tiled to the size of a camera, with noise so that no tile compresses like another."""
    tile = source[t % source.shape[0], 0, 0]
    plane = np.tile(tile, (size // tile.shape[0] + 1, size // tile.shape[1] + 1))[:size, :size].astype(np.int64)
    return np.clip(plane * 40 + 200 * c + random.poisson(100, plane.shape), 0, 65535).astype(np.uint16)


def write(folder, shape, chunks):
    source = zarr.open(MOVIE, "r")["A/1/0/0"][:]
    random = np.random.default_rng(1)
    image = zarr.open_group(zarr.NestedDirectoryStore(folder), "w")
    array = image.create_dataset("0", shape=shape, chunks=chunks, dtype="<u2", dimension_separator="/",
                                 compressor=numcodecs.Blosc("zstd", 1, numcodecs.Blosc.BITSHUFFLE))
    for t in range(shape[0]):
        for c in range(shape[1]):
            for z in range(shape[2]):
                array[t, c, z] = real_plane(source, t, c, shape[3], random)
    axes = [{"name": name} for name in "tczyx"]
    image.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]


def timed(read, keys):
    times, total, cpu = [], 0.0, time.process_time()
    for key in keys:
        start = time.perf_counter()
        pixels = read(key)
        times.append((time.perf_counter() - start) * 1e3)
        total += float(pixels[..., pixels.shape[-2] // 2, pixels.shape[-1] // 2].flat[0])
    return {"median_ms": float(np.median(times)), "p95_ms": float(np.percentile(times, 95)), "cpu_ms": (time.process_time() - cpu) * 1e3 / len(times), "reads": len(times), "checksum": total}


def theirs(folder):
    array = zarr.open_group(folder, "r")["0"]
    t, c, z, y, x = array.shape
    planes = timed(lambda k: array[k].astype(np.float32), [(i, j, k) for i in range(t) for j in range(c) for k in range(z)])
    places = [(i * 7919 % (y - SIDE), i * 104729 % (x - SIDE)) for i in range(TRACKS)]
    crops = timed(lambda k: array[k[0], k[1], :, k[2]:k[2] + SIDE, k[3]:k[3] + SIDE].astype(np.float32),
                  [(i, j, *place) for place in places for i in range(t) for j in range(c)])
    return {"planes": planes, "crops": crops}


def main():
    cases = [("one chunk per plane", (FRAMES, 2, 1, 2048, 2048), (1, 1, 1, 2048, 2048)),
             ("tiles of 512", (FRAMES, 2, 1, 2048, 2048), (1, 1, 1, 512, 512)),
             ("tiles of 256", (FRAMES, 2, 1, 2048, 2048), (1, 1, 1, 256, 256)),
             ("z-stack in one chunk", (max(FRAMES // 4, 1), 2, 15, 1024, 1024), (1, 1, 15, 1024, 1024))]
    print(f"2048 x 2048 (z-stack: 15 x 1024 x 1024) uint16, Blosc zstd; crops of {SIDE} x {SIDE}; ms per read, files in the page cache")
    print(f"{'':32}{'here':^27}{'zarr-python':^27}{'ratio':^18}")
    print(f"{'store':24}{'what':8}" + f"{'wall':>9}{'p95':>9}{'CPU':>9}" * 2 + f"{'wall':>9}{'CPU':>9}")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        for name, shape, chunks in cases:
            path = os.path.join(folder, name.replace(" ", "_") + ".zarr")
            write(path, shape, chunks)
            ours = json.loads(subprocess.run([BENCH, path, "", str(TRACKS), str(SIDE)], check=True, capture_output=True, text=True).stdout)
            other = theirs(path)
            for what in ("planes", "crops", "tracks"):
                a, b = ours[what], other["crops" if what == "tracks" else what]
                assert a["checksum"] == b["checksum"] and a["reads"] == b["reads"], (a, b)
                times = "".join(f"{r['median_ms']:9.2f}{r['p95_ms']:9.2f}{r['cpu_ms']:9.2f}" for r in (a, b))
                print(f"{name:24}{what:8}{times}{b['median_ms'] / a['median_ms']:8.1f}x{b['cpu_ms'] / a['cpu_ms']:8.1f}x")


if __name__ == "__main__":
    main()
