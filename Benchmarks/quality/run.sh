#!/bin/sh
# The quality check: the same network, data, recipe and rules of initialisation in Weft and in PyTorch, several seeds
# each, single-task NER and hard sharing of three tasks. The means of a test score may differ by
# max(0.3, 2 * sqrt(s1^2/n1 + s2^2/n2)) points; the exit status is 1 if they differ by more.
#
#   Benchmarks/quality/run.sh              both sides, then the table (about an hour and a half on one core)
#   SIDES=weft Benchmarks/quality/run.sh   one side (weft or torch); SIDES= for the table alone
#
# WEFT is the program (make build), PEERS_PYTHON the Python of ../peers/setup.sh, SEEDS the seeds, CORE the core to run
# on. Results stay in Benchmarks/quality/runs; a run that is already there is not made again.
set -eu
cd "$(dirname "$0")"
weft=${WEFT:-../../.build/optimised/release/weft}
python=${PEERS_PYTHON:-../peers/.venv/bin/python}
sides=${SIDES-weft torch}
seeds=${SEEDS:-1 2 3 4 5}
runs=runs
mkdir -p "$runs/weft" "$runs/torch"

pin=
if [ -n "${CORE:-}" ]; then pin="taskset -c $CORE"; fi
export OMP_NUM_THREADS=1

torch() { # name tasks epochs seed
  [ ! -s "$runs/torch/$1-$4.jsonl" ] || return 0
  $pin "$python" ../peers/train.py --tasks "$2" --epochs "$3" --seed "$4" --out "$runs/torch/$1-$4.jsonl" \
    > "$runs/torch/$1-$4.log"
}

for seed in $seeds; do
  for side in $sides; do
    case $side in
      weft)
        for name in ner-single ewt-hard; do
          [ ! -e "$runs/weft/$name-$seed/results.json" ] || continue
          $pin "$weft" train "$name.yaml" --set "seed=$seed" -o "$runs/weft/$name-$seed" --replace
        done
        ;;
      torch)
        torch ner-single ner 8 "$seed"
        torch ewt-hard xpos,ner,deprel 4 "$seed"
        ;;
      *)
        echo "run.sh: SIDES are weft and torch, not $side" >&2
        exit 2
        ;;
    esac
  done
done

"${PYTHON:-python3}" collect.py "$runs/weft" > "$runs/weft.jsonl"
cat "$runs"/torch/*.jsonl > "$runs/torch.jsonl" 2>/dev/null || :
"${PYTHON:-python3}" ../peers/summarise.py "$runs/torch.jsonl" "$runs/weft.jsonl"
