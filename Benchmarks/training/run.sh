#!/bin/sh
# Training speed of Weft and PyTorch, taking turns on one core with one thread: the three-task network of
# ../quality/ewt-hard.yaml, batches of 10, on ewt. A round is one epoch of Weft and STEPS steps of each PyTorch variant.
#
#   Benchmarks/training/run.sh
#
# WEFT is the program (make build), PEERS_PYTHON the Python of ../peers/setup.sh, ROUNDS how many rounds, CORE the core.
# Results stay in Benchmarks/training/runs.
set -eu
cd "$(dirname "$0")"
weft=${WEFT:-../../.build/optimised/release/weft}
python=${PEERS_PYTHON:-../peers/.venv/bin/python}
core=${CORE:-0}
mkdir -p runs
: > runs/speed.jsonl
export OMP_NUM_THREADS=1

for round in $(seq "${ROUNDS:-5}"); do
  "$python" speed.py --log runs/weft/log.jsonl taskset -c "$core" "$weft" train ../quality/ewt-hard.yaml \
    --set train.epochs=1 -o runs/weft --replace --quiet >> runs/speed.jsonl
  for variant in padded-sparse padded packed; do
    taskset -c "$core" "$python" ../peers/train_speed.py --steps "${STEPS:-300}" --variant "$variant" \
      >> runs/speed.jsonl
  done
  echo "round $round of ${ROUNDS:-5}" >&2
done
"$python" speed.py runs/speed.jsonl
