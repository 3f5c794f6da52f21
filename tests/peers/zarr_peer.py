"""Plates and arrays read here are compared pixel by pixel with zarr-python, and plates written here are opened by it."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import numcodecs
import numpy as np
import zarr

import zarr_v3

PEER, DATA = sys.argv[1], sys.argv[2]
CELLS = os.path.join(DATA, "cells")


def peer(*arguments):
    process = subprocess.run([PEER, *arguments], capture_output=True, text=True, timeout=240)
    if process.returncode != 0:
        raise RuntimeError(process.stderr)
    return json.loads(process.stdout)


class Zarr(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def compare_position(self, plate, position):
        info = peer("planes", plate, position, self.path("p"))
        theirs = zarr.open(plate, "r")[position]["0"]
        self.assertEqual(tuple(info["shape"]), theirs.shape)
        self.assertEqual(info["type"], theirs.dtype.name)
        ours = np.fromfile(self.path("p.f32"), np.float32).reshape(theirs.shape)
        np.testing.assert_array_equal(ours, theirs[:].astype(np.float32))
        if theirs.dtype.kind == "u":
            ids = np.fromfile(self.path("p.u32"), np.uint32).reshape(theirs.shape)
            np.testing.assert_array_equal(ids, theirs[:])
        return info

    def test_plates_are_pixel_identical(self):
        for name, position, channel in [("mitocheck.zarr", "A/1/0", "H2B"), ("mitocheck_tracks.zarr", "A/1/0", "tracks"),
                                        ("migration.zarr", "B/2/0", "nuclei"), ("migration_tracks.zarr", "B/2/0", None)]:
            info = self.compare_position(os.path.join(CELLS, name), position)
            if channel:
                self.assertEqual(info["channels"][0]["name"], channel)

    def compare_array(self, folder):
        theirs = zarr.open(folder, "r")
        shape = peer("array", folder, self.path("a.f32"))["shape"]
        self.assertEqual(tuple(shape), theirs.shape)
        ours = np.fromfile(self.path("a.f32"), np.float32).reshape(shape)
        np.testing.assert_array_equal(ours, theirs[:].astype(np.float32))

    def test_every_codec_type_order_and_chunking_of_zarr_python(self):
        codecs = [None, numcodecs.Zstd(3), numcodecs.GZip(6), numcodecs.Zlib(6), numcodecs.LZ4()]
        for inner in ["blosclz", "lz4", "lz4hc", "zlib", "zstd"]:
            codecs += [numcodecs.Blosc(cname=inner, clevel=5, shuffle=shuffle) for shuffle in (0, 1, 2)]
        types = ["|b1", "|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", "<i8", ">i8", "<u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]
        random = np.random.default_rng(7)
        cases = [(codec, "<u2") for codec in codecs] + [(numcodecs.Blosc(cname="zstd", clevel=1, shuffle=2), kind) for kind in types]
        for number, (codec, kind) in enumerate(cases):
            shape = (3, 2, 1, 37, 41)
            values = (random.normal(size=shape) * 50 if kind[1] == "f" else random.integers(0, 2 if kind[1] == "b" else 100, shape)).astype(kind)
            folder = self.path(f"{number}.zarr")
            order, separator = "CF"[number % 2], "./"[number % 3 == 0]
            array = zarr.open_array(zarr.NestedDirectoryStore(folder) if separator == "/" else folder, "w", shape=shape, chunks=(2, 1, 1, 16, 13), dtype=kind,
                                    compressor=codec, order=order, fill_value=3 if kind[1] != "b" else 1, dimension_separator=separator)
            array[:2] = values[:2]  # the chunks of the last frame that are not shared stay absent
            with self.subTest(codec=codec, kind=kind, order=order, separator=separator):
                self.compare_array(folder)

    def test_version_3(self):
        """Debian's zarr-python reads version 2 only; zarr_v3 is our reading of the specification with NumPy and numcodecs."""
        random = np.random.default_rng(11)
        shape, cases = (3, 2, 21, 37, 41), []
        for kind in ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "uint64", "float16", "float32", "float64"]:
            for endian in ("little", "big"):
                cases.append((kind, dict(endian=endian, compressor="zstd")))
        for compressor in (None, "zstd", "gzip", "blosc", "bz2", "zlib", "lz4"):
            cases.append(("uint16", dict(compressor=compressor, checksum=True)))
            cases.append(("uint16", dict(compressor=compressor, order=(4, 2, 0, 1, 3))))
            cases.append(("int32", dict(compressor=compressor, shard=(2, 1, 3, 2, 2), order=(0, 1, 4, 3, 2))))
            cases.append(("uint16", dict(compressor=compressor, shard=(1, 2, 2, 2, 4), index_location="start", endian="big")))
        for number, (kind, options) in enumerate(cases):
            values = (random.normal(size=shape) * 50 if kind.startswith("f") else random.integers(0, 2 if kind == "bool" else 100, shape)).astype(kind)
            values[2, :, 8:] = 3 if kind != "bool" else 1  # chunks and shards of nothing but the fill value stay absent
            folder = self.path(f"v3-{number}")
            zarr_v3.write(folder, values, chunks=(2, 1, 8, 16, 13), fill=values[2, 0, 20, 0, 0].item(), **options)
            with self.subTest(kind=kind, **options):
                np.testing.assert_array_equal(zarr_v3.read(folder), values)
                peer("array", folder, self.path("a.f32"))
                ours = np.fromfile(self.path("a.f32"), np.float32).reshape(shape)
                np.testing.assert_array_equal(ours, values.astype(np.float32))

    def test_version_05_plates_written_here(self):
        t, c, z, y, x = np.meshgrid(*[np.arange(n) for n in (2, 2, 3, 300, 530)], indexing="ij")
        wanted = (t * 1009 + c * 131 + z * 17 + y * 5 + x) % 65536
        for kind in ("0.5", "0.5-sharded"):
            plate = self.path(kind)
            peer("write-plate", plate, kind)
            attributes = json.load(open(os.path.join(plate, "zarr.json")))["attributes"]["ome"]
            self.assertEqual((attributes["version"], [well["path"] for well in attributes["plate"]["wells"]]), ("0.5", ["A/1", "B/12"]))
            for position in ("A/1/0", "B/12/000001", "B/12/000002"):
                np.testing.assert_array_equal(zarr_v3.read(os.path.join(plate, position, "0")), wanted)
                half = zarr_v3.read(os.path.join(plate, position, "1")).astype(float)
                self.assertEqual(half.shape, (2, 2, 3, 150, 265))
                means = wanted.reshape(2, 2, 3, 150, 2, 265, 2).mean((4, 6))
                self.assertLessEqual(np.abs(half - means).max(), 0.5)
            image = json.load(open(os.path.join(plate, "A/1/0/zarr.json")))["attributes"]["ome"]["multiscales"][0]
            self.assertEqual(image["datasets"][1]["coordinateTransformations"][0]["scale"], [300, 1, 2, 0.65, 0.65])

    def test_filters(self):
        for number, filters in enumerate([[numcodecs.Delta("<i4")], [numcodecs.Shuffle(4)], [numcodecs.Delta("<i4"), numcodecs.Shuffle(4)]]):
            folder = self.path(f"f{number}.zarr")
            array = zarr.open_array(folder, "w", shape=(100,), chunks=(33,), dtype="<i4", filters=filters, compressor=numcodecs.Zstd(1))
            array[:] = np.random.default_rng(number).integers(-1000, 1000, 100)
            self.compare_array(folder)

    def test_plates_written_here(self):
        plate = self.path("w.zarr")
        peer("write-plate", plate)
        t, c, z, y, x = np.meshgrid(*[np.arange(n) for n in (2, 2, 3, 300, 530)], indexing="ij")
        wanted = (t * 1009 + c * 131 + z * 17 + y * 5 + x) % 65536
        root = zarr.open(plate, "r")
        for position, kind in [("A/1/0", "uint16"), ("B/12/000001", "uint32"), ("B/12/000002", "float32")]:
            array = root[position]["0"]
            self.assertEqual((array.dtype.name, array.chunks), (kind, (1, 1, 3, 300, 512)))
            self.assertEqual((array.compressor.cname, array.compressor.clevel, array.compressor.shuffle), ("zstd", 1, numcodecs.Blosc.BITSHUFFLE))
            np.testing.assert_array_equal(array[:], wanted)
            self.compare_position(plate, position)
        self.check_metadata(root)

    def check_metadata(self, root):
        plate = root.attrs["plate"]
        self.assertEqual([well["path"] for well in plate["wells"]], ["A/1", "B/12"])
        self.assertEqual(plate["wells"][1]["rowIndex"], 1)
        self.assertEqual([row["name"] for row in plate["rows"]], ["A", "B"])
        self.assertEqual(plate["field_count"], 2)
        self.assertEqual([image["path"] for image in root["B/12"].attrs["well"]["images"]], ["000001", "000002"])
        multiscale = root["A/1/0"].attrs["multiscales"][0]
        self.assertEqual("".join(axis["name"] for axis in multiscale["axes"]), "tczyx")
        self.assertEqual(multiscale["axes"][4], {"name": "x", "type": "space", "unit": "micrometer"})
        self.assertEqual(multiscale["datasets"], [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [300, 1, 2, 0.325, 0.325]}]}])
        channels = root["A/1/0"].attrs["omero"]["channels"]
        self.assertEqual([(channel["label"], channel["color"]) for channel in channels], [("Phase3D", "FFFFFF"), ("GFP", "00FF00")])
        self.assertEqual((channels[1]["window"]["start"], channels[1]["window"]["end"]), (100, 4000))

    def test_damaged_chunks_are_named(self):
        plate = self.path("d.zarr")
        peer("write-plate", plate)
        chunk = os.path.join(plate, "A/1/0/0/1/0/0/0/1")
        with open(chunk, "r+b") as file:
            file.truncate(os.path.getsize(chunk) // 2)
        with self.assertRaisesRegex(RuntimeError, "A/1/0/0/1/0/0/0/1"):
            peer("planes", plate, "A/1/0", self.path("p"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], warnings="ignore")
