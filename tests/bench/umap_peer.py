#!/usr/bin/python3
"""umap-learn for umap_bench: {"fit": x.npy, "out": y.npy, "neighbors": k, "epochs": n or null, "seed": s} -> {"cpu": s, "wall": s}."""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
import umap  # noqa: E402


def fit(x, request):
    return umap.UMAP(n_neighbors=request["neighbors"], random_state=request["seed"], n_jobs=1).fit_transform(x)


# The first call compiles; it is not timed.
fit(np.random.default_rng(0).normal(size=(600, 8)).astype(np.float32), {"neighbors": 15, "seed": 1})
fit(np.random.default_rng(0).normal(size=(4200, 8)).astype(np.float32), {"neighbors": 15, "seed": 1})
for line in sys.stdin:
    request = json.loads(line)
    x = np.load(request["fit"])
    cpu, wall = time.process_time(), time.perf_counter()
    y = fit(x, request)
    answer = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "version": umap.__version__}
    np.save(request["out"], y.astype(np.float32))
    print(json.dumps(answer), flush=True)
