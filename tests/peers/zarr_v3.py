"""A small reading and writing of Zarr version 3 with NumPy and numcodecs, written from the specification to check ours against."""
import itertools
import json
import os
import struct

import numcodecs
import numpy as np

CODECS = {"zstd": numcodecs.Zstd(1), "gzip": numcodecs.GZip(1), "zlib": numcodecs.Zlib(1), "bz2": numcodecs.BZ2(1), "lz4": numcodecs.LZ4(),
          "blosc": numcodecs.Blosc(cname="lz4", clevel=5, shuffle=1)}
NAMES = {"zlib": "numcodecs.zlib", "bz2": "numcodecs.bz2", "lz4": "numcodecs.lz4"}
ABSENT = 2**64 - 1


def crc32c(data):
    total = 0xFFFFFFFF
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = (total >> 1) ^ (0x82F63B78 if total & 1 else 0)
    return struct.pack("<I", total ^ 0xFFFFFFFF)


def grid(shape, chunks):
    return itertools.product(*[range(-(-extent // chunk)) for extent, chunk in zip(shape, chunks)])


def encode(block, codecs):
    data = block
    for codec in codecs:
        name, options = codec["name"].replace("numcodecs.", ""), codec.get("configuration", {})
        if name == "transpose":
            data = data.transpose(options["order"])
        elif name == "bytes":
            data = data.astype(data.dtype.newbyteorder(">" if options.get("endian") == "big" else "<")).tobytes()
        elif name == "crc32c":
            data = bytes(data) + crc32c(data)
        elif name == "sharding_indexed":
            data = encode_shard(data, options)
        else:
            data = CODECS[name].encode(data)
    return bytes(data)


def encode_shard(block, options):
    inner, body, index = options["chunk_shape"], b"", []
    at_start = options["index_location"] == "start"
    header = 16 * int(np.prod([s // i for s, i in zip(block.shape, inner)])) + 4 if at_start else 0
    for place in grid(block.shape, inner):
        part = block[tuple(slice(p * i, (p + 1) * i) for p, i in zip(place, inner))]
        if (part == options["_fill"]).all():
            index += [ABSENT, ABSENT]
            continue
        data = encode(part, options["codecs"])
        index += [header + len(body), len(data)]
        body += data
    head = struct.pack(f"<{len(index)}Q", *index)
    head += crc32c(head)
    return head + body if at_start else body + head


def decode(data, codecs, shape, dtype, fill):
    shapes = [tuple(shape)]
    for codec in codecs:
        if codec["name"] == "transpose":
            shapes.append(tuple(shapes[-1][axis] for axis in codec["configuration"]["order"]))
    for codec in reversed(codecs):
        name, options = codec["name"].replace("numcodecs.", ""), codec.get("configuration", {})
        if name == "transpose":
            data = data.transpose(np.argsort(options["order"]))
        elif name == "bytes":
            data = np.frombuffer(data, dtype.newbyteorder(">" if options.get("endian") == "big" else "<")).reshape(shapes[-1])
        elif name == "crc32c":
            assert crc32c(data[:-4]) == bytes(data[-4:])
            data = data[:-4]
        elif name == "sharding_indexed":
            data = decode_shard(data, options, shapes[-1], dtype, fill)
        else:
            data = CODECS[name].decode(data)
    return data


def decode_shard(data, options, shape, dtype, fill):
    inner = options["chunk_shape"]
    places = list(grid(shape, inner))
    size = 16 * len(places) + 4
    head = data[:size] if options["index_location"] == "start" else data[-size:]
    assert crc32c(head[:-4]) == bytes(head[-4:])
    index = struct.unpack(f"<{2 * len(places)}Q", head[:-4])
    block = np.full(shape, fill, dtype)
    for number, place in enumerate(places):
        begin, length = index[2 * number:2 * number + 2]
        if begin != ABSENT:
            block[tuple(slice(p * i, (p + 1) * i) for p, i in zip(place, inner))] = decode(data[begin:begin + length], options["codecs"], inner, dtype, fill)
    return block


def write(folder, values, chunks, fill, compressor=None, endian="little", order=None, shard=None, index_location="end", checksum=False):
    codecs = [{"name": "transpose", "configuration": {"order": list(order)}}] if order and not shard else []
    codecs += [{"name": "bytes", "configuration": {"endian": endian}}]
    codecs += [{"name": NAMES.get(compressor, compressor), "configuration": {}}] if compressor else []
    codecs += [{"name": "crc32c"}] if checksum else []
    outer = chunks
    if shard:
        outer = tuple(chunk * count for chunk, count in zip(chunks, shard))
        inner = [chunks[axis] for axis in order] if order else list(chunks)
        codecs = [{"name": "sharding_indexed", "configuration": {"chunk_shape": inner, "codecs": codecs, "index_location": index_location, "_fill": fill,
                                                                 "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]}}]
        codecs = ([{"name": "transpose", "configuration": {"order": list(order)}}] if order else []) + codecs
    os.makedirs(folder)
    with open(os.path.join(folder, "zarr.json"), "w") as file:
        json.dump({"zarr_format": 3, "node_type": "array", "shape": values.shape, "data_type": values.dtype.name, "fill_value": fill, "codecs": codecs,
                   "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": outer}}, "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}}, file)
    for place in grid(values.shape, outer):
        block = np.full(outer, fill, values.dtype)
        part = values[tuple(slice(p * o, (p + 1) * o) for p, o in zip(place, outer))]
        block[tuple(slice(0, extent) for extent in part.shape)] = part
        if (block == fill).all():
            continue
        path = os.path.join(folder, "c", *map(str, place))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(encode(block, codecs))


def read(folder):
    with open(os.path.join(folder, "zarr.json")) as file:
        meta = json.load(file)
    dtype, shape, outer = np.dtype(meta["data_type"]), meta["shape"], meta["chunk_grid"]["configuration"]["chunk_shape"]
    values = np.full(shape, meta["fill_value"], dtype)
    for place in grid(shape, outer):
        path = os.path.join(folder, "c", *map(str, place))
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            block = decode(file.read(), meta["codecs"], outer, dtype, meta["fill_value"])
        slices = tuple(slice(p * o, min((p + 1) * o, s)) for p, o, s in zip(place, outer, shape))
        values[slices] = block[tuple(slice(0, part.stop - part.start) for part in slices)]
    return values
