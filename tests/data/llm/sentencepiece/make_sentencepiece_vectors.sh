#!/bin/sh
# Trains small SentencePiece models on the given text and writes vectors.json with the library's ids.
# Needs: apt-get install sentencepiece python3-sentencepiece (0.1.97 here). Usage: make_sentencepiece_vectors.sh TEXT
set -eu
cd "$(dirname "$0")"
train() {
  name=$1; shift
  spm_train --input="$TEXT" --model_prefix="$name" --minloglevel=2 --num_threads=1 --hard_vocab_limit=false "$@"
  rm "$name.vocab"
}
TEXT=$1
identity="--normalization_rule_name=identity --model_type=bpe"
train llama $identity --vocab_size=700 --byte_fallback --remove_extra_whitespaces=false --split_digits
train gemma $identity --vocab_size=700 --byte_fallback --remove_extra_whitespaces=false --add_dummy_prefix=false --allow_whitespace_only_pieces --user_defined_symbols="▁▁,▁▁▁,<tool>,[X]"
train plain $identity --vocab_size=500
train unigram --model_type=unigram --normalization_rule_name=identity --vocab_size=200
printf '41\t61\n' > map.tsv
train mapped --model_type=bpe --vocab_size=200 --normalization_rule_tsv=map.tsv
rm map.tsv
/usr/bin/python3 - <<'P'
import json, sentencepiece
texts = json.load(open("../vectors/tokenizer_vectors.json"))["texts"]
texts = [t for t in texts if "\0" not in t] + ["Natalia sold 48 clips in April, and half as many in May.", "[X] uses <tool>s   now [X]", "ⅷ unknown ☃☃ signs ☃"]
models = {}
for name in ("llama", "gemma", "plain"):
    model = sentencepiece.SentencePieceProcessor(model_file=name + ".model")
    models[name] = [model.encode(t) for t in texts]
json.dump({"made_with": "sentencepiece " + sentencepiece.__version__, "texts": texts, "models": models}, open("vectors.json", "w"), ensure_ascii=False)
P
