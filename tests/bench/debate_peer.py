#!/usr/bin/python3
"""The stochastic debate between honest players on a majority of votes, for debate_bench: one game after another in plain
Python with numpy's binomial ("loop"), every judgement drawn on its own ("calls"), or all games at once ("vectorised")."""
import json
import sys
import time

import numpy as np


def loop(r, random, calls):
    def estimate(p, n):
        if calls:
            return sum(random.random() < p for _ in range(n)) / n
        return random.binomial(n, p) / n

    wins = 0
    for _ in range(r["games"]):
        yes, won = 0, None
        for step in range(r["votes"] + 1):
            p = r["vote"] if step < r["votes"] else float(2 * yes > r["votes"])
            claim = estimate(p, r["alice"])
            if abs(claim - estimate(p, r["bob"])) >= r["bob_radius"]:
                won = abs(claim - estimate(p, r["vera"])) < r["vera_radius"]
                break
            answer = random.random() < claim
            yes += answer
        wins += answer if won is None else won
    return wins / r["games"]


def vectorised(r, random):
    games = r["games"]
    yes = np.zeros(games, int)
    open_ = np.ones(games, bool)
    won = np.zeros(games, bool)
    for step in range(r["votes"] + 1):
        p = np.full(games, r["vote"]) if step < r["votes"] else (2 * yes > r["votes"]).astype(float)
        claim = random.binomial(r["alice"], p) / r["alice"]
        challenge = open_ & (abs(claim - random.binomial(r["bob"], p) / r["bob"]) >= r["bob_radius"])
        vera = random.binomial(r["vera"], p[challenge]) / r["vera"]
        won[challenge] = abs(claim[challenge] - vera) < r["vera_radius"]
        open_ &= ~challenge
        answer = random.random(games) < claim
        yes += answer & (step < r["votes"])
    won[open_] = answer[open_]
    return won.mean()


for line in sys.stdin:
    request = json.loads(line)
    random = np.random.default_rng(17)
    start = time.process_time()
    mode = request["mode"]
    wins = vectorised(request, random) if mode == "vectorised" else loop(request, random, mode == "calls")
    names = {"loop": "plain Python", "calls": "plain Python, every call", "vectorised": f"numpy {np.__version__}, all at once"}
    print(json.dumps({"seconds": time.process_time() - start, "wins": float(wins), "name": names[mode]}), flush=True)
