#!/usr/bin/python3
"""scikit-learn for probe_bench: {"features": x.npy, "labels": y.npy} -> CPU and wall seconds of scaling + fitting, and of scoring all rows."""
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

for line in sys.stdin:
    request = json.loads(line)
    x, y = np.load(request["features"]), np.load(request["labels"]).astype(int)
    labelled = request["labelled"]
    cpu, wall = time.process_time(), time.perf_counter()
    model = make_pipeline(StandardScaler(), LogisticRegression(solver="liblinear", class_weight="balanced", tol=request["tolerance"], max_iter=1000))
    model.fit(x[:labelled], y[:labelled])
    fit = [time.process_time() - cpu, time.perf_counter() - wall]
    cpu, wall = time.process_time(), time.perf_counter()
    scores = model.predict_proba(x)
    predict = [time.process_time() - cpu, time.perf_counter() - wall]
    print(json.dumps({"fit": fit, "predict": predict, "accuracy": float((scores.argmax(1) == y).mean()), "version": sklearn.__version__}), flush=True)
