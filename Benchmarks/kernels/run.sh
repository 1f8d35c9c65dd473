#!/bin/sh
# Measures the kernels against OpenBLAS, one thread on one core: Benchmarks/kernels/run.sh [part of a case's name]
# CC chooses the compiler, CORE the core.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp render.swift "$folder/main.swift"
swiftc -swift-version 6 ../../Sources/WeftCodegen/Kernels/*.swift "$folder/main.swift" -o "$folder/render"
"$folder/render" > "$folder/kernels.c"
"${CC:-clang}" -std=gnu11 -O2 -ffp-contract=off -I "$folder" benchmark.c -o "$folder/benchmark" -lopenblas -lm
export OPENBLAS_NUM_THREADS=1
if command -v taskset > /dev/null; then
  taskset -c "${CORE:-1}" "$folder/benchmark" "$@"
else
  "$folder/benchmark" "$@"
fi
