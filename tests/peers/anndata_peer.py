"""AnnData files of every encoding read here are compared with python3-anndata and h5py; ours are opened by them."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import anndata
import numpy as np
import pandas as pd
import scipy.sparse

PEER, DATA = sys.argv[1], sys.argv[2]
FILES = ["anndata_archives/v0.5.0/adata.h5ad", "anndata_archives/v0.7.0/adata.h5ad", "anndata_080/digits.h5ad"]


def peer(*arguments):
    process = subprocess.run([PEER, *arguments], capture_output=True, text=True, timeout=240)
    if process.returncode != 0:
        raise RuntimeError(process.stderr)
    return json.loads(process.stdout)


def dense(matrix):
    return matrix.toarray() if scipy.sparse.issparse(matrix) else np.asarray(matrix)


class AnnData(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def matrix(self, name, columns):
        return np.fromfile(self.path(f"t.{name}.f32"), np.float32).reshape(-1, columns)

    def compare_column(self, name, ours, theirs):
        if isinstance(theirs.dtype, pd.CategoricalDtype):
            self.assertEqual(ours["categories"], [str(c) for c in theirs.cat.categories], name)
            self.assertEqual(ours["codes"], theirs.cat.codes.tolist(), name)
            self.assertEqual(ours["ordered"], bool(theirs.cat.ordered), name)
        elif theirs.dtype.kind == "f":
            np.testing.assert_array_equal(np.array(ours, float), theirs.to_numpy(float), name)
        else:
            self.assertEqual(list(ours), theirs.tolist(), name)

    def compare(self, file):
        theirs = anndata.read_h5ad(file)
        ours = peer("table", file, self.path("t"))
        self.assertEqual((ours["rows"], ours["columns"]), theirs.shape)
        np.testing.assert_array_equal(self.matrix("X", ours["columns"]), dense(theirs.X).astype(np.float32))
        self.assertEqual(ours["obs_names"], theirs.obs_names.tolist())
        self.assertEqual(ours["var_names"], theirs.var_names.tolist())
        self.assertEqual(ours["order"], theirs.obs.columns.tolist())
        for name in theirs.obs:
            self.compare_column(name, ours["obs"][name], theirs.obs[name])
        for name in theirs.obsm:
            if isinstance(theirs.obsm[name], pd.DataFrame):
                self.assertNotIn(name, ours["obsm"])
                continue
            np.testing.assert_array_equal(self.matrix(name, ours["obsm"][name]), dense(theirs.obsm[name]).astype(np.float32))
        return ours, theirs

    def test_every_encoding_reads_alike(self):
        for file in FILES:
            with self.subTest(file=file):
                self.compare(os.path.join(DATA, "numerics", file))

    def test_files_anndata_writes_today(self):
        random = np.random.default_rng(3)
        obs = pd.DataFrame({"t": np.arange(6), "small": np.arange(6, dtype="u1"), "y": random.normal(size=6), "flag": [True, False] * 3,
                            "state": pd.Categorical(["b", None, "a", "b", "a", None], categories=["b", "a"], ordered=True),
                            "number": pd.Categorical([3, 1, 3, 1, 3, 1]), "note": pd.Series(["x", "ü", "", "d", "e", "f"], dtype=object).values},
                           index=[f"c{i}" for i in range(6)])
        for name, x in [("dense", random.normal(size=(6, 5)).astype("f4")), ("double", random.normal(size=(6, 5))),
                        ("csr", scipy.sparse.random(6, 5, 0.4, "csr", random_state=1)), ("csc", scipy.sparse.random(6, 5, 0.4, "csc", random_state=1))]:
            table = anndata.AnnData(x, obs=obs.copy(), obsm={"X_pca": random.normal(size=(6, 3))}, uns={"run": {"seed": 3, "names": ["a", "b"]}}, dtype=x.dtype)
            table.strings_to_categoricals = lambda *_: None
            table.write_h5ad(self.path(name + ".h5ad"), compression="gzip")
            with self.subTest(name=name):
                ours, _ = self.compare(self.path(name + ".h5ad"))
                self.assertEqual(ours["uns"]["run"], {"seed": 3, "names": ["a", "b"]})

    def test_our_file_opens_in_anndata(self):
        file = self.path("ours.h5ad")
        peer("write-table", file)
        _, theirs = self.compare(file)
        self.assertEqual(theirs.shape, (1000, 768))
        self.assertEqual(theirs.X.dtype, np.float32)
        self.assertEqual(theirs.obs["t"].dtype, np.int64)
        self.assertEqual(theirs.obs["border"].dtype, bool)
        self.assertEqual(theirs.obs["cell_division_state"].cat.categories.tolist(), ["interphase", "mitosis"])
        self.assertEqual(int(theirs.obs["cell_division_state"].isna().sum()), 200)
        self.assertTrue(np.isnan(theirs.obs["y"].iloc[3]))
        self.assertEqual(theirs.obs["note"].iloc[1], "ü1")
        run = theirs.uns["driftscope"]
        self.assertEqual((run["kind"], int(run["seed"]), float(run["rate"]), bool(run["cuda"])), ("cells.embed", 7, 0.5, False))
        self.assertEqual(list(run["inputs"]), ["a", "b"])
        np.testing.assert_array_equal(run["sizes"], [1, 2, 3])

    def test_our_file_survives_anndata_saving_it_again(self):
        file, again = self.path("ours.h5ad"), self.path("again.h5ad")
        peer("write-table", file)
        anndata.read_h5ad(file).write_h5ad(again)
        first, second = peer("table", file, self.path("t")), peer("table", again, self.path("u"))
        for part in ["rows", "obs_names", "obsm", "uns"]:
            self.assertEqual(first[part], second[part], part)
        for name in ["t", "y", "border", "cell_division_state"]:
            self.assertEqual(first["obs"][name], second["obs"][name], name)

    def test_backed_mode(self):
        file = self.path("ours.h5ad")
        peer("write-table", file)
        backed = anndata.read_h5ad(file, backed="r")
        self.assertEqual(backed.X[5:7].shape, (2, 768))
        backed.file.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], warnings="ignore")
