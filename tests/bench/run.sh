#!/bin/sh
# Runs the measuring programs beside their peers and prints their figures, one section each.
# Usage: tests/bench/run.sh [name…]   names: startup space scrub labels encoder umap probe queue io smoothness llm topics neural tokenizer debate
# Wants a quiet machine: each section begins with the load average.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
bin="$here/build/release/bin"
screen="$here/tests/support/under_xvfb.sh"
[ -x "$bin/umap_bench" ] || { echo "Build first: tests/run.sh" >&2; exit 1; }

section() {
  printf '\n== %s   (load %s, %s)\n' "$1" "$(cut -d' ' -f1 /proc/loadavg)" "$(nproc) cores"
}
measure() {
  section "$1"
  case $1 in
    startup) "$screen" "$bin/startup_bench" "$bin/driftscope" ;;
    space) "$screen" "$bin/space_bench" ;;
    scrub) "$screen" "$bin/scrub_bench" ;;
    labels)
      "$bin/label_latency" "$here/build"
      "$bin/lasso_label_bench" "$here/build" ;;
    encoder) "$bin/encoder_bench" --threads "$(nproc)" ;;
    umap) "$bin/umap_bench" ;;
    probe) "$bin/probe_bench" ;;
    queue) "$bin/queue_curve" ;;
    io) /usr/bin/python3 "$here/tests/bench/io_bench.py" "$bin/io_bench" "$here/tests/data/cells/mitocheck.zarr" ;;
    smoothness) "$bin/smoothness_bench" ;;
    llm) OMP_NUM_THREADS=1 "$bin/llm_bench" ;;
    topics) "$bin/topics_bench" ;;
    neural) OMP_NUM_THREADS=1 "$bin/neural_topics_bench" ;;
    tokenizer) /usr/bin/python3 "$here/tests/bench/tokenizer_bench.py" "$bin/tokenizer_bench" "$here" ;;
    debate) "$bin/debate_bench" ;;
    *) echo "There is no measurement '$1'." >&2; exit 2 ;;
  esac
}
[ $# -gt 0 ] || set -- startup space scrub labels encoder umap probe queue io smoothness llm topics neural tokenizer debate
for name in "$@"; do measure "$name"; done
