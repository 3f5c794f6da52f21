"""embed.cluster beside scikit-learn's DBSCAN, ARI and NMI, and python-igraph's Leiden on the same tables."""
import json
import os
import subprocess
import sys
import tempfile

import anndata
import igraph
import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN
from sklearn.datasets import load_digits, load_iris
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.preprocessing import StandardScaler
from umap.umap_ import fuzzy_simplicial_set

RUN = sys.argv[1]


def run(source, out, **parameters):
    sets = [argument for name, value in parameters.items() for argument in ("--set", f"{name}={value}")]
    subprocess.run([RUN, "embed.cluster", "--set", f"table={source}", *sets, "--out", out], check=True, stdout=subprocess.DEVNULL)
    column = anndata.read_h5ad(os.path.join(out, "clustered.h5ad")).obs[parameters["method"]]
    return pd.to_numeric(column.astype(str), errors="coerce").fillna(-1).astype(int).values, json.load(open(os.path.join(out, "status.json")))["result"]


def main(folder):
    for name, data, eps in (("iris", load_iris(), 0.6), ("digits", load_digits(), 5.0)):
        features = data.data.astype(np.float32)
        obs = pd.DataFrame({"class": pd.Categorical([str(label) for label in data.target])}, index=[str(i) for i in range(len(features))])
        source = os.path.join(folder, name + ".h5ad")
        anndata.AnnData(X=features, obs=obs).write_h5ad(source)
        scaled = StandardScaler().fit_transform(features.astype(float))

        ours, result = run(source, os.path.join(folder, name + "-dbscan"), method="dbscan", pca_components=0, eps=eps, min_points=5, compare="class")
        theirs = DBSCAN(eps=eps, min_samples=5).fit_predict(scaled)
        assert ((ours < 0) == (theirs < 0)).all(), "noise differs"
        assert adjusted_rand_score(ours, theirs) == 1, "clusters differ"
        kept = ours >= 0
        ari, nmi = adjusted_rand_score(data.target[kept], ours[kept]), normalized_mutual_info_score(data.target[kept], ours[kept])
        assert abs(result["agreement"]["ari"] - ari) < 1e-9 and abs(result["agreement"]["nmi"] - nmi) < 1e-9, (result, ari, nmi)

        # Leiden: umap-learn's graph of the same rows is ours too; igraph judges both partitions of it.
        ours, result = run(source, os.path.join(folder, name + "-leiden"), method="leiden", pca_components=0, compare="class")
        weights = fuzzy_simplicial_set(scaled.astype(np.float32), 16, np.random.RandomState(0), "euclidean")[0].tocoo()
        upper = weights.row < weights.col
        graph = igraph.Graph(n=len(features), edges=list(zip(weights.row[upper].tolist(), weights.col[upper].tolist())))
        strength = weights.data[upper].tolist()
        best = max(graph.community_leiden(objective_function="modularity", weights=strength, n_iterations=20).modularity for _ in range(5))
        mine = graph.modularity(ours, weights=strength)
        assert abs(mine - result["modularity"]) < 1e-3, (mine, result["modularity"])
        print(f"{name}: modularity {mine:.4f}, python-igraph {best:.4f}; NMI with the classes {result['agreement']['nmi']:.3f}")
        assert mine > best - 0.005, (mine, best)


with tempfile.TemporaryDirectory() as scratch:
    main(scratch)
