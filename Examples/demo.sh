#!/bin/sh
# demo.sh WEFT - trains the three-task tagger of ewt-hard.yaml and tags a sentence with it.
set -eu
weft=$1
cd "$(dirname "$0")/.."
case $weft in /*) ;; *) weft=./$weft ;; esac

run() {
  printf '\n$ weft %s\n' "$*"
  "$weft" "$@"
}

run train Examples/ewt-hard.yaml -o runs/ewt-hard --replace
sentence='Google bought a small company in New York from Larry Page last week .'
printf '\n$ echo "%s" | weft tag --model runs/ewt-hard --input text\n' "$sentence"
echo "$sentence" | "$weft" tag --model runs/ewt-hard --input text
