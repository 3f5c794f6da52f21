"""label.probe beside scikit-learn's liblinear on the same table: coefficients, predictions and refused input."""
import json
import os
import subprocess
import sys
import tempfile

import anndata
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

RUN = sys.argv[1]


def table(features, labels, path):
    obs = pd.DataFrame({"fov_name": "A/1/0", "track_id": np.arange(len(labels)) // 3, "t": np.arange(len(labels)) % 3,
                        "state": pd.Categorical([f"class{label}" for label in labels])}, index=[str(i) for i in range(len(labels))])
    anndata.AnnData(X=features.astype(np.float32), obs=obs).write_h5ad(path)


def compare(name, data, folder):
    source, out = os.path.join(folder, name + ".h5ad"), os.path.join(folder, name)
    table(data.data, data.target, source)
    subprocess.run([RUN, "label.probe", "--set", f"table={source}", "--set", "column=state", "--out", out], check=True, stdout=subprocess.DEVNULL)
    ours = json.load(open(os.path.join(out, "probe.json")))
    scaled = StandardScaler().fit_transform(data.data.astype(np.float32).astype(float))
    theirs = LogisticRegression(solver="liblinear", class_weight="balanced", max_iter=1000).fit(scaled, data.target)
    coefficients = np.array(ours["coefficients"]).reshape(theirs.coef_.shape)
    largest = np.abs(coefficients - theirs.coef_).max()
    predicted = pd.read_csv(os.path.join(out, "predictions.csv"))["predicted_state"].str.replace("class", "").astype(int)
    same = (predicted.values == theirs.predict(scaled)).mean()
    print(f"{name}: largest difference of a coefficient {largest:.2e}, same predictions {same:.4f}")
    assert largest < 2e-3, largest  # both stop at liblinear's tolerance of 1e-4 of the gradient
    assert same >= 0.999, same
    written = anndata.read_h5ad(os.path.join(out, "table.h5ad"))
    assert "predicted_state" in written.obs and written.obsm["predicted_state_proba"].shape[0] == len(data.target)


with tempfile.TemporaryDirectory() as folder:
    compare("breast_cancer", load_breast_cancer(), folder)
    compare("iris", load_iris(), folder)
    single = os.path.join(folder, "single.h5ad")
    table(np.random.rand(9, 4), np.zeros(9, int), single)
    refused = subprocess.run([RUN, "label.probe", "--set", f"table={single}", "--set", "column=state", "--out", os.path.join(folder, "single")], capture_output=True, text=True)
    assert refused.returncode == 3 and "2 classes" in refused.stderr, refused.stderr
