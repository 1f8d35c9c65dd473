#!/bin/sh
# What mixing costs: training steps of one sentence, by turns, of the sluice network of ../../Examples/sluice, of the same
# stacks with constant mixtures and no penalty, and of one shared encoder.
#
#   Benchmarks/sluice/run.sh [rounds of 32 sentences]
#
# WEFT is the program (make build), CC the compiler, THREADS how many threads (1), ISA the instruction set (the best).
set -eu
cd "$(dirname "$0")"
weft=${WEFT:-../../.build/optimised/release/weft}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
host=../../Sources/CWeftABI

# make NAME SPEC [OVERRIDES]
make_library() {
  name=$1 spec=$2
  shift 2
  "$weft" generate "../../Examples/sluice/$spec.yaml" "$@" --set "name=$name" -o "$folder/$name" > "$folder/log"
  "${CC:-clang}" -std=gnu11 -O2 -ffp-contract=off -fPIC -shared "$folder/$name/$name-train.c" -o "$folder/$name.so" -lm
}
make_library constant sluice --set sharing.mix.learned=false --set sharing.penalties=null \
  --set tasks.deprel.head.beta.learned=false --set tasks.pos.head.beta.learned=false &
make_library learned sluice --set sharing.penalties=null
wait
make_library penalty sluice &
make_library exact sluice --set sharing.penalties.orthogonality.every=1
wait
make_library shared hard
"${CC:-clang}" -std=gnu11 -O2 -I "$host/include" steps.c "$host/team.c" "$host/cpu.c" -o "$folder/steps" -lm -ldl -lpthread
set -- "${1:-20}" "${THREADS:-1}"
for name in constant learned penalty exact shared; do
  set -- "$@" "$name=$folder/$name.so:weft_${name}_train"
done
"$folder/steps" "$@"
[ -z "${KEEP:-}" ] || cp -r "$folder" "$KEEP"
