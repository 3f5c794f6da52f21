#!/usr/bin/python3
"""ProdLDA, SCHOLAR and the D-VAE in plain python3-torch, for neural_topics_bench: one JSON request per line on stdin, one
answer per line on stdout. Architectures and settings as core/topics/neural describes them; counts are dense, as in the
reference implementations."""
import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def load(path):
    with np.load(path) as archive:
        counts = np.zeros(tuple(archive["shape"]), dtype=np.float32)
        for row in range(counts.shape[0]):
            begin, end = archive["indptr"][row], archive["indptr"][row + 1]
            counts[row, archive["indices"][begin:end]] = archive["data"][begin:end]
    return torch.from_numpy(counts)


def fixed_norm(features):
    norm = nn.BatchNorm1d(features, eps=0.001, momentum=0.001)
    norm.weight.requires_grad = False
    return norm


def gaussian_kl(mean, log_variance, prior_mean, prior_variance):
    return 0.5 * ((log_variance.exp() + (mean - prior_mean) ** 2) / prior_variance - 1 + prior_variance.log() - log_variance).sum(1)


def nll(x, p):
    return -(x * (p + 1e-10).log()).sum(1)


class ProdLda(nn.Module):
    batch, rate, betas, sums, partial = 64, 2e-3, (0.99, 0.99), True, True

    def __init__(self, words, topics, _):
        super().__init__()
        self.first, self.second = nn.Linear(words, 100), nn.Linear(100, 100)
        self.mean, self.log_variance = nn.Linear(100, topics), nn.Linear(100, topics)
        self.mean_norm, self.variance_norm = nn.BatchNorm1d(topics, affine=False), nn.BatchNorm1d(topics, affine=False)
        self.beta = nn.Parameter(nn.init.xavier_uniform_(torch.empty(topics, words)))
        self.beta_norm = nn.BatchNorm1d(words, affine=False)
        self.prior_mean = nn.Parameter(torch.zeros(topics))
        self.prior_log_variance = nn.Parameter(torch.full((topics,), float(np.log(1 - 1 / topics))))

    def forward(self, x, _):
        hidden = F.dropout(F.softplus(self.second(F.softplus(self.first(x)))), 0.2)
        mean, log_variance = self.mean_norm(self.mean(hidden)), self.variance_norm(self.log_variance(hidden))
        theta = F.dropout(F.softmax(mean + torch.randn_like(mean) * (0.5 * log_variance).exp(), 1), 0.2)
        return nll(x, F.softmax(self.beta_norm(theta @ self.beta), 1)), gaussian_kl(mean, log_variance, self.prior_mean, self.prior_log_variance.exp())


class Scholar(nn.Module):
    batch, rate, betas, sums, partial = 200, 2e-3, (0.99, 0.999), False, False

    def __init__(self, words, topics, frequencies):
        super().__init__()
        self.embedding = nn.Linear(words, 300, bias=False)
        nn.init.xavier_uniform_(self.embedding.weight)
        self.mean, self.log_variance = nn.Linear(300, topics), nn.Linear(300, topics)
        self.mean_norm, self.variance_norm = fixed_norm(topics), fixed_norm(topics)
        self.beta = nn.Linear(topics, words)
        nn.init.xavier_uniform_(self.beta.weight)
        background = frequencies.double() + 1
        self.beta.bias.data = (background / background.sum()).log().float()
        self.beta.bias.requires_grad = False
        self.beta_norm = fixed_norm(words)
        self.variance = torch.full((1,), 1 - 1 / topics)

    def forward(self, x, share):
        hidden = F.dropout(F.softplus(self.embedding(x)), 0.2)
        mean, log_variance = self.mean_norm(self.mean(hidden)), self.variance_norm(self.log_variance(hidden))
        theta = F.softmax(F.dropout(mean + torch.randn_like(mean) * (0.5 * log_variance).exp(), 0.2), 1)
        eta = self.beta(theta)
        p = share * F.softmax(self.beta_norm(eta), 1) + (1 - share) * F.softmax(eta, 1)
        return nll(x, p), gaussian_kl(mean, log_variance, torch.zeros(1), self.variance)


class Dvae(nn.Module):
    batch, rate, betas, sums, partial = 200, 1e-3, (0.9, 0.999), True, False

    def __init__(self, words, topics, _):
        super().__init__()
        self.embedding, self.alpha = nn.Linear(words, 100), nn.Linear(100, topics)
        self.alpha_norm, self.beta, self.beta_norm = fixed_norm(topics), nn.Linear(topics, words), fixed_norm(words)
        self.prior = torch.full((topics,), 0.01)

    def forward(self, x, _):
        hidden = F.dropout(F.relu(self.embedding(x)), 0.25)
        posterior = torch.distributions.Dirichlet(F.softplus(self.alpha_norm(self.alpha(hidden))).clamp_min(1e-5))
        theta = posterior.rsample()
        kl = torch.distributions.kl_divergence(posterior, torch.distributions.Dirichlet(self.prior.expand_as(theta)))
        return nll(x, F.softmax(self.beta_norm(self.beta(theta)), 1)), kl


MODELS = {"prodlda": ProdLda, "scholar": Scholar, "dvae": Dvae}


def train(request):
    torch.set_num_threads(request["threads"])
    torch.manual_seed(42)
    counts = load(request["corpus"])
    model = MODELS[request["model"]](counts.shape[1], request["k"], counts.sum(0))
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=model.rate, betas=model.betas)
    batches = -(-len(counts) // model.batch) if model.partial else len(counts) // model.batch
    anneal = max(1, round(0.75 * request["epochs"]))
    step, seen, begun = 0, 0, time.perf_counter()
    for epoch in range(request["epochs"]):
        order, total, documents = torch.randperm(len(counts)), 0.0, 0
        for b in range(batches):
            x = counts[order[b * model.batch:(b + 1) * model.batch]]
            if len(x) < 2:
                break
            reconstruction, kl = model(x, max(0.0, 1 - epoch / anneal))
            weight = min(1.0, 0.01 + 0.99 * (step + 1) / (100 * batches)) if request["model"] == "dvae" else 1.0
            loss = reconstruction + weight * kl
            loss = loss.sum() if model.sums else loss.mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += reconstruction.sum().item()
            documents += len(x)
            step += 1
        seen += documents
    took = time.perf_counter() - begun
    return {"documents_per_second": seen / took, "reconstruction": total / documents}


for line in sys.stdin:
    print(json.dumps(train(json.loads(line))), flush=True)
