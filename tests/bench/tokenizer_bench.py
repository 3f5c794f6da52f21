"""Tokens per second here and in Debian's sentencepiece, on the same texts and models in one run, ids compared.
Usage: tokenizer_bench.py PATH-OF-tokenizer_bench SOURCE [TEXTS.jsonl]
Without a file of texts (objects with text, question or prompt) the lines of the sources and documents of this tree are read.
No package of Debian 12 does byte-level BPE, so that line stands alone."""
import json
import os
import subprocess
import sys
import tempfile
import time

BENCH, SOURCE = sys.argv[1], sys.argv[2]
DATA = os.path.join(SOURCE, "tests/data/llm")


def corpus():
    if len(sys.argv) > 3:
        with open(sys.argv[3]) as file:
            rows = [json.loads(line) for line in file if line.strip()]
        return [next(row[name] for name in ("text", "question", "prompt") if name in row) for row in rows]
    texts = []
    for folder in ("core", "widgets", "plugins", "app", "tests", "resources/doc"):
        for path, _, names in os.walk(os.path.join(SOURCE, folder)):
            for name in sorted(names):
                if name.endswith((".cpp", ".h", ".md", ".py")):
                    with open(os.path.join(path, name), encoding="utf-8") as file:
                        texts += [line.rstrip("\n") for line in file if line.strip()]
    return texts


def show(what, tokens, seconds, size):
    print(f"  {what:<46} {tokens / seconds / 1e6:8.2f} M tokens/s {size / seconds / 1e6:8.1f} MB/s")


def ours(model, texts):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file, ensure_ascii=False)
        file.flush()
        return json.loads(subprocess.run([BENCH, model, file.name], check=True, capture_output=True, text=True).stdout)


def report(name, model, texts, size):
    result = ours(model, texts)
    print(f"{name}: {result['tokens']} tokens, opened in {result['load_s'] * 1e3:.1f} ms")
    for key, what in (("first_s", "ids, first pass"), ("ids_s", "ids, again (recent words remembered)"), ("spans_s", "ids and spans"), ("decode_s", "decode")):
        show("here: " + what, result["tokens"], result[key], size)
    return result


def main():
    texts = corpus()
    size = sum(len(text.encode()) for text in texts)
    print(f"{len(texts)} texts, {size / 1e6:.2f} MB, one thread")
    report("GPT-2's byte-level BPE, 50,257 tokens", os.path.join(DATA, "gpt2_encoder"), texts, size)
    print("  (no peer: no package of Debian 12 does byte-level BPE)")
    model = os.path.join(DATA, "sentencepiece/llama.model")
    result = report("SentencePiece BPE with byte fallback, 700 tokens", model, texts, size)
    try:
        import sentencepiece
    except ImportError:
        print("  python3-sentencepiece is not installed: no peer")
        return
    peer = sentencepiece.SentencePieceProcessor(model_file=model)
    seconds, ids = 1e300, []
    for _ in range(3):
        start = time.perf_counter()
        ids = peer.encode(texts, num_threads=1)
        seconds = min(seconds, time.perf_counter() - start)
    show(f"sentencepiece {sentencepiece.__version__}: ids", result["tokens"], seconds, size)
    checksum = 0
    for one in ids:
        for token in one:
            checksum = (checksum * 31 + token) % 1000000007
    print(f"  ids {'are equal' if checksum == result['checksum'] else 'DIFFER'}; {seconds / result['first_s']:.1f} x sentencepiece on the first pass, {seconds / result['ids_s']:.1f} x after it")


main()
