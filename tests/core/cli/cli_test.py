"""Drives driftscope-run as scripts do: exit codes, --json, resume after SIGTERM, and the chain from movie to map."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

RUN, SOURCE = sys.argv[1], sys.argv[2]
MOVIE = os.path.join(SOURCE, "resources/demo/cells/raw")
PLATE = os.path.join(SOURCE, "tests/data/cells/mitocheck.zarr")
TRACKS = os.path.join(SOURCE, "tests/data/cells/mitocheck_tracks.zarr")
QUICK = ["epochs=2", "batch=16"]


def run(*arguments, timeout=240):
    return subprocess.run([RUN, *arguments], capture_output=True, text=True, timeout=timeout)


def sets(*values):
    return [part for value in values for part in ("--set", value)]


def last_json(process):
    return json.loads(process.stdout.strip().splitlines()[-1])


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.out = os.path.join(self.folder.name, "run")

    def tearDown(self):
        self.folder.cleanup()

    def test_usage_errors_exit_2_and_name_the_remedy(self):
        self.assertEqual(run().returncode, 2)
        unknown = run("cells.trian", "--out", self.out)
        self.assertEqual(unknown.returncode, 2)
        self.assertIn("cells.train", unknown.stderr)
        missing = run("cells.segment", "--out", self.out)
        self.assertEqual(missing.returncode, 2)
        self.assertIn("images", missing.stderr)
        misspelt = run("cells.segment", *sets(f"images={MOVIE}", "imags=1"), "--out", self.out)
        self.assertEqual(misspelt.returncode, 2)
        self.assertIn("'images'", misspelt.stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_missing_input_exits_3_and_names_it(self):
        process = run("cells.segment", *sets("images=/no/such/movie"), "--out", self.out, "--json")
        self.assertEqual(process.returncode, 3)
        self.assertIn("/no/such/movie", process.stderr)
        self.assertEqual(last_json(process)["status"], "error")
        self.assertTrue(last_json(process)["error"]["remedy"])

    def test_absent_device_exits_4(self):
        process = run("cells.train", *sets(f"images={PLATE}", f"tracks={TRACKS}"), "--out", self.out, "--device", "cuda:7")
        self.assertEqual(process.returncode, 4, process.stderr)

    def test_every_kind_describes_itself(self):
        kinds = last_json(run("kinds", "--json"))["kinds"]
        names = {kind["name"] for kind in kinds}
        wanted = {"cells.segment", "cells.track", "cells.train", "cells.embed", "cells.encode", "embed.project", "embed.neighbors",
                  "label.probe", "label.export", "table.info"}
        self.assertLessEqual(wanted, names)
        for kind in kinds:
            text = run(kind["name"], "--help").stdout
            for parameter in kind["params"]:
                self.assertIn(parameter["name"], text)
                self.assertTrue(parameter["help"], f"{kind['name']} {parameter['name']} has no help")

    def test_foreign_folder_is_not_touched(self):
        os.makedirs(self.out)
        precious = os.path.join(self.out, "thesis.txt")
        with open(precious, "w") as file:
            file.write("precious")
        self.assertEqual(run("cells.segment", *sets(f"images={MOVIE}"), "--out", self.out, "--overwrite").returncode, 3)
        self.assertEqual(os.listdir(self.out), ["thesis.txt"])

    def chain(self, name, kind, *values):
        out = os.path.join(self.folder.name, name)
        process = run(kind, *sets(*values), "--out", out, "--json")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(last_json(process)["status"], "ok")
        return out, last_json(process)["result"]

    def test_from_movie_to_map(self):
        segment, _ = self.chain("segment", "cells.segment", f"images={MOVIE}")
        track, _ = self.chain("track", "cells.track", f"images={MOVIE}", f"labels={segment}/labels.zarr")
        tracks = f"{track}/tracks.zarr"
        train, _ = self.chain("train", "cells.train", f"images={MOVIE}", f"tracks={tracks}", *QUICK)
        embed, _ = self.chain("embed", "cells.embed", f"images={MOVIE}", f"tracks={tracks}", f"weights={train}/weights.safetensors")
        project, _ = self.chain("map", "embed.project", f"table={embed}/embeddings.h5ad", "method=umap")
        _, info = self.chain("info", "table.info", f"table={project}/projected.h5ad")
        self.assertGreater(info["rows"], 400)
        self.assertIn("X_umap", json.dumps(info))

    def test_sigterm_saves_and_the_same_command_resumes(self):
        command = [RUN, "cells.train", *sets(f"images={PLATE}", f"tracks={TRACKS}", "epochs=6", "batch=16"), "--out", self.out]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        events = os.path.join(self.out, "events.jsonl")
        deadline = time.time() + 120
        while time.time() < deadline:
            if os.path.exists(events):
                with open(events) as file:
                    if "loss/train" in file.read():
                        break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 5)
        self.assertEqual(json.load(open(os.path.join(self.out, "status.json")))["state"], "cancelled")
        again = run(*command[1:])
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertTrue(os.path.exists(os.path.join(self.out, "weights.safetensors")))
        refused = run(*command[1:])
        self.assertEqual(refused.returncode, 3)
        self.assertIn("--overwrite", refused.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
