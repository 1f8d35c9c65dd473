#!/bin/sh
# test.sh WEFT SCRATCH - what happens to a tagger that is checked in: it is packaged, its model is trained anew, CI finds it
# stale, and it is written again. WEFT is the command, SCRATCH a folder for build products.
set -eu
weft=$1
scratch=$2
cd "$(dirname "$0")"
spec=../packaged/tiny.yaml
plugin() {
  swift package --scratch-path "$scratch" --allow-writing-to-package-directory weft "$@"
}

mkdir -p .build
# The first time, before Package.swift names it.
"$weft" train "$spec" -o .build/runs/tiny --replace --quiet
"$weft" package "$spec" --checkpoint .build/runs/tiny --only swift -o Taggers/tiny > .build/package.log
plugin verify

"$weft" train "$spec" --set seed=2 -o .build/runs/tiny --replace --quiet
if plugin verify > .build/verify.log 2>&1; then
  echo 'a stale tagger was not found' >&2
  exit 1
fi
grep -q 'is not the package that would be written' .build/verify.log
plugin generate
plugin verify Taggers/tiny
echo 'Ann Lee lives in Oslo.' | swift run --scratch-path "$scratch" entities
echo 'checked-in: ok'
