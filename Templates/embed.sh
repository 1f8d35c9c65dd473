#!/bin/sh
# Writes templates as raw string literals of one Swift file: `Templates/embed.sh > FILE` those of C code,
# `Templates/embed.sh bindings > FILE` those of the files around a packaged tagger.
set -eu
cd "$(dirname "$0")"

# literals SUFFIX < FILES: each under its path without .in, and without SUFFIX before that.
literals() {
  while read -r file; do
    name=${file#./}
    name=${name%.in}
    printf '    "%s": ##"""\n' "${name%"$1"}"
    cat "$file"
    printf '\n"""##,\n'
  done
}

printf '// swift-format-ignore-file\n// Written by `make templates` from Templates/; do not edit.\n\n'
if [ "${1-}" = bindings ]; then
  cd bindings
  printf '/// The templates by their path under `Templates/bindings/`, without `.in`.\nenum EmbeddedBindings {\n'
  printf '  static let texts: [String: String] = [\n'
  find . -name '*.in' | LC_ALL=C sort | literals ''
else
  printf '/// The templates by their path under `Templates/`, without `.c.in`.\nenum EmbeddedTemplates {\n'
  printf '  static let texts: [String: String] = [\n'
  find . \( -name '*.[ch].in' -o -name '*.txt.in' \) -not -path './bindings/*' | LC_ALL=C sort | literals .c
fi
printf '  ]\n}\n'
