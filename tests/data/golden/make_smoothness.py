#!/usr/bin/python3
"""Writes smoothness.json: temporal smoothness and dynamic range by scikit-learn, NumPy and SciPy, following section 4.1 of the
DynaCLR evaluation (standardise, cosine distance of consecutive rows per track, as many random pairs with seed 42)."""
import json
import pathlib

import numpy as np
from scipy.signal import find_peaks
from scipy.stats import gaussian_kde
from sklearn.preprocessing import StandardScaler


def features(tracks, frames, columns):
    rows = []
    for k in range(tracks):
        for t in range(frames):
            i = np.arange(columns)
            rows.append(np.sin(0.9 * k + 0.13 * t * (1 + k % 3) + 0.61 * i) + 0.2 * np.cos(1.7 * t + 0.3 * i * i + k))
    return np.array(rows, dtype=np.float32), np.repeat(np.arange(tracks), frames)


def distance(a, b):
    return 1 - (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def peak(values):
    grid = np.linspace(values.min(), values.max(), 1000)
    density = gaussian_kde(values)(grid)
    peaks, found = find_peaks(density, height=density.max() * 0.1)
    return grid[np.argmax(density)] if len(peaks) == 0 else grid[peaks[np.argmax(found["peak_heights"])]]


def measure(x, track):
    x = StandardScaler().fit_transform(x.astype(np.float64))
    adjacent = np.concatenate([distance(x[track == k][:-1], x[track == k][1:]) for k in np.unique(track)])
    np.random.seed(42)
    random = []
    for begin in range(0, len(adjacent), 10000):
        n = min(10000, len(adjacent) - begin)
        i, j = np.random.randint(0, len(x), size=n), np.random.randint(0, len(x), size=n)
        while (i == j).any():
            j[i == j] = np.random.randint(0, len(x), size=(i == j).sum())
        random.append(distance(x[i], x[j]))
    random = np.concatenate(random)
    return {"adjacent_mean": adjacent.mean(), "random_mean": random.mean(), "score": adjacent.mean() / random.mean(),
            "dynamic_range": peak(random) - peak(adjacent), "pairs": len(adjacent)}


cases = []
for tracks, frames, columns in [(5, 12, 8), (37, 16, 32), (250, 45, 16)]:
    x, track = features(tracks, frames, columns)
    cases.append({"tracks": tracks, "frames": frames, "columns": columns, **measure(x, track)})
path = pathlib.Path(__file__).with_name("smoothness.json")
path.write_text(json.dumps({"features": "sin(0.9 k + 0.13 t (1 + k mod 3) + 0.61 i) + 0.2 cos(1.7 t + 0.3 i^2 + k), float32", "cases": cases}, indent=1) + "\n")
