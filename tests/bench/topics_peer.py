"""Trains gensim's LdaModel for topics_bench: one JSON line in, one out."""
import json
import sys
import time

from gensim.corpora import Dictionary
from gensim.models import LdaModel

for line in sys.stdin:
    request = json.loads(line)
    with open(request["corpus"]) as file:
        texts = [row.split("\t")[0].split() for row in file]
    dictionary = Dictionary(texts)
    bags = [dictionary.doc2bow(text) for text in texts]
    begun = time.perf_counter()
    LdaModel(bags, num_topics=request["k"], id2word=dictionary, passes=request["passes"], random_state=42)
    took = time.perf_counter() - begun
    print(json.dumps({"seconds": took, "mtok_s": sum(map(len, texts)) * request["passes"] / took / 1e6}), flush=True)
