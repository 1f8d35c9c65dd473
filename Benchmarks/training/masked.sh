#!/bin/sh
# What a mask costs: training steps of ../quality/ewt-hard.yaml without masks and under them, taking turns on one core.
#
#   Benchmarks/training/masked.sh [rounds of 16 batches]
#
# WEFT is the program (make build), CC the compiler, CORE the core, ISA the instruction set (the best by default).
set -eu
cd "$(dirname "$0")"
weft=${WEFT:-../../.build/optimised/release/weft}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$weft" generate ../quality/ewt-hard.yaml -o "$folder" > "$folder/log"
"${CC:-clang}" -std=gnu11 -O2 -ffp-contract=off -I "$folder" '-DTRAIN_HEADER="ewt-hard-train.h"' \
  -DTRAIN_QUERY=weft_ewt_hard_train masked.c "$folder/ewt-hard-train.c" -o "$folder/masked" -lm
if command -v taskset > /dev/null; then
  taskset -c "${CORE:-1}" "$folder/masked" "$@"
else
  "$folder/masked" "$@"
fi
