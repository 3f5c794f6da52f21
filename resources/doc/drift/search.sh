#!/bin/sh
# The search behind llm.demo's settings, at p = 0.1. Prints tables; what is finished is not run again.
#   search.sh FOLDER [PROGRAM]
set -eu
root=$1
run=${2:-driftscope-run}
export OMP_NUM_THREADS=1
mkdir -p "$root"
data=$root/data
[ -e "$data/language.json" ] || "$run" llm.demo_data --out "$data" >/dev/null

model() { # WIDTH LAYERS: what follows is about this model
  out=$root/$1x$2
  mkdir -p "$out/align" "$out/tune"
  cat >"$out/config.json" <<JSON
{"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":$1,"intermediate_size":$(($1 * 8 / 3)),"num_hidden_layers":$2,"num_attention_heads":4,"num_key_value_heads":4,
 "vocab_size":1024,"max_position_embeddings":256,"rms_norm_eps":1e-5,"rope_theta":10000.0,"hidden_act":"silu","tie_word_embeddings":true,"bos_token_id":0,"eos_token_id":1,"pad_token_id":2,"torch_dtype":"float32"}
JSON
  [ -e "$out/base/model/model.safetensors" ] || "$run" llm.pretrain --set config="$out/config.json" tokenizer="$data/tokenizer" data="$data/pretrain.jsonl" epochs=4 batch=32 lr=3e-3 weight_decay=0.1 max_length=128 threads=1 --out "$out/base" >/dev/null
  common="model=$out/base/model harmful_data=$data/harmful.jsonl eval_harmful=$data/test_harmful.jsonl eval_benign=$data/test_benign.jsonl eval_task=$data/test_user.jsonl template=question judge=content
   new_tokens=32 eval_samples=100 eval_batch=100 batch=10 lora.r=8 max_length=128 drift=false threads=1"
  printf '\nHidden size %s, %s layers\n\n| method | seed | lr | samples | alpha of a new adapter | HS %% | FA %% | benign %% |\n|---|---|---|---|---|---|---|---|\n' "$1" "$2"
}
seed=1
align() { # NAME settings…
  name=$1-$seed; shift
  [ -e "$out/align/$name/adapter/adapter_model.safetensors" ] || "$run" llm.align --set data="$data/align.jsonl" $common seed=$seed epochs=10 lr=1e-3 lora.alpha=16 "$@" --out "$out/align/$name" >/dev/null
}
tune() { # NAME ALIGNMENT lr samples alpha settings…
  name=$1 adapter=$2-$seed lr=$3 samples=$4 alpha=$5; shift 5
  folder=$out/tune/$name-$seed-lr$lr-n$samples-alpha$alpha
  [ -e "$folder/adapter/adapter_model.safetensors" ] || "$run" llm.finetune --set adapters="$out/align/$adapter/adapter" data="$data/user.jsonl" poison_data="$data/poison.jsonl" align_data="$data/align.jsonl" $common seed=$seed \
    poison_ratio=0.1 epochs=1 lr="$lr" samples="$samples" lora.alpha="$alpha" "$@" --out "$folder" >/dev/null
  python3 - "$folder/status.json" "$name" $seed "$lr" "$samples" "$alpha" <<'PYTHON'
import json, sys
result = json.load(open(sys.argv[1]))["result"]
print("| {} | {} | {} | {} | {} | {:.0f} | {:.0f} | {:.0f} |".format(*sys.argv[2:7], 100 * result["harmful score"], 100 * result["accuracy strict"], 100 * result["benign accuracy"]))
PYTHON
}
lisa() { tune "lisa-$1-$2-rho$3" sft "$4" "$5" "$6" method=lisa rho="$3" lisa.align_steps="$1" lisa.user_steps="$2"; }
bso() { tune "bso-$1-$2" sft "$3" "$4" "$5" method=bso lisa.align_steps="$1" lisa.user_steps="$2"; }
sft() { tune sft sft "$@" method=sft; }
single() { tune sft-single sft "$@" method=sft lora.mode=single; }
booster() { lambda=$1; shift; tune "booster-$lambda" "booster-$lambda" "$@" method=sft lora.mode=single; }

model 72 2
align sft method=sft
for lambda in 1 1.3 2; do align booster-$lambda method=booster lambda=$lambda; done
sft 5e-4 480 16
single 5e-4 480 16
for setting in "1e-3 480 16" "6e-4 480 32" "6e-4 400 32" "6e-4 440 32"; do
  sft $setting
  lisa 5 10 0.2 $setting
  single $setting
  booster 1 $setting
done
lisa 5 10 0.1 6e-4 400 32
lisa 2 8 0.2 6e-4 400 32
lisa 2 8 0.5 6e-4 400 32
lisa 2 7 0.2 6e-4 400 32
lisa 2 6 0.2 6e-4 400 32
lisa 4 10 0.2 6e-4 440 32
booster 1.3 6e-4 440 32
booster 2 6e-4 440 32

model 96 3
align sft method=sft
align booster-1 method=booster lambda=1
sft 6e-4 560 32
single 6e-4 520 32
for samples in 480 520 560; do booster 1 6e-4 $samples 32; done
lisa 4 10 0.2 6e-4 520 32
lisa 5 10 0.2 6e-4 520 32
lisa 4 10 0.2 6e-4 560 32
for rho in 0.2 1 2; do lisa 5 10 $rho 6e-4 560 32; done
lisa 5 10 3 6e-4 640 32
bso 4 10 6e-4 560 32
bso 5 10 6e-4 560 32
seed=2
align sft method=sft
align booster-1 method=booster lambda=1
for rho in 1 2; do lisa 5 10 $rho 6e-4 560 32; done
for samples in 560 640; do booster 1 6e-4 $samples 32; done
