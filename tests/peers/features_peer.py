"""cells.features beside scikit-image's regionprops and grey-level co-occurrence on the same masks."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import zarr
from skimage.measure import regionprops

RUN, DATA = sys.argv[1], sys.argv[2]
IMAGES, TRACKS = os.path.join(DATA, "mitocheck.zarr"), os.path.join(DATA, "mitocheck_tracks.zarr")


def position(plate):
    """The first position's array, (T, C, Z, Y, X)."""
    for folder, _, files in os.walk(plate):
        if ".zarray" in files:
            return zarr.open(folder, mode="r")
    raise FileNotFoundError(plate)


def glcm(values, mask, levels=32):
    """Haralick's contrast and homogeneity over four directions inside the mask, from the definition with numpy."""
    low, high = values[mask].min(), values[mask].max()
    grey = np.minimum(levels - 1, ((values - low) / (high - low) * levels).astype(int)) if high > low else np.zeros(values.shape, int)
    contrast, homogeneity = [], []
    for dy, dx in ((0, 1), (-1, 1), (-1, 0), (-1, -1)):
        pairs = [(grey[y, x], grey[y + dy, x + dx]) for y, x in np.argwhere(mask) if 0 <= y + dy < mask.shape[0] and 0 <= x + dx < mask.shape[1] and mask[y + dy, x + dx]]
        differences = np.array([a - b for a, b in pairs])
        contrast.append((differences**2).mean())
        homogeneity.append((1 / (1 + differences**2)).mean())
    return np.mean(contrast), np.mean(homogeneity)


with tempfile.TemporaryDirectory() as out:
    subprocess.run([RUN, "cells.features", "--set", f"images={IMAGES}", "--set", f"tracks={TRACKS}", "--out", os.path.join(out, "run")], check=True, stdout=subprocess.DEVNULL)
    ours = pd.read_csv(os.path.join(out, "run", "features.csv")).set_index(["track_id", "t"])
    channel = next(name for name in ours.columns if name.endswith("_centre_shift"))[: -len("_centre_shift")]
    images, masks = position(IMAGES), position(TRACKS)
    worst, compared = {}, 0
    for t in range(0, masks.shape[0], 5):
        image = np.asarray(images[t, 0]).max(0).astype(np.float32).astype(float)
        for region in regionprops(np.asarray(masks[t, 0, 0]).astype(int), image):
            if (region.label, t) not in ours.index:
                continue
            row = ours.loc[(region.label, t)]
            values = image[tuple(region.coords.T)]
            window = tuple(slice(a, b) for a, b in zip(region.bbox[:2], region.bbox[2:]))
            contrast, homogeneity = glcm(image[window], region.image)
            expected = {"shape_area": region.area, "shape_perimeter": region.perimeter, "shape_major_axis": region.axis_major_length, "shape_minor_axis": region.axis_minor_length,
                        "shape_eccentricity": region.eccentricity, "shape_extent": region.extent, "shape_equivalent_diameter": region.equivalent_diameter_area,
                        f"{channel}_mean": region.mean_intensity, f"{channel}_max": region.max_intensity, f"{channel}_median": np.median(values), f"{channel}_sd": values.std(),
                        f"{channel}_q95": np.quantile(values, 0.95), f"{channel}_contrast": contrast, f"{channel}_homogeneity": homogeneity}
            for name, value in expected.items():
                worst[name] = max(worst.get(name, 0), abs(row[name] - value) / max(1, abs(value)))
            assert abs(row["shape_solidity"] - region.solidity) < 0.1, (region.label, t)
            compared += 1
    print(f"{compared} nuclei:", {name: f"{value:.1e}" for name, value in worst.items()})
    assert compared > 20 and max(worst.values()) < 1e-6, worst
