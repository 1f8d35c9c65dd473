#!/bin/sh
# Scores a package's tokenizer: run.sh PACKAGE.c PREFIX FILE.conllu...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
prefix=$2
shift 2
program=$(mktemp)
trap 'rm -f "$program"' EXIT
cc -O2 -DPREFIX="$prefix" -DPACKAGE_SOURCE="\"$source\"" "$here/tokens.c" -lm -o "$program"
for file in "$@"; do
  echo "$file"
  python3 "$here/score.py" "$file" "$program"
done
