#!/bin/sh
# Writes the templates as raw string literals of one Swift file: `Templates/embed.sh > FILE`.
set -eu
cd "$(dirname "$0")"
printf '// swift-format-ignore-file\n// Written by `make templates` from Templates/; do not edit.\n\n'
printf '/// The templates by their path under `Templates/`, without `.c.in`.\nenum EmbeddedTemplates {\n'
printf '  static let texts: [String: String] = [\n'
find . -name '*.[ch].in' | LC_ALL=C sort | while read -r file; do
  name=${file#./}
  name=${name%.in}
  printf '    "%s": ##"""\n' "${name%.c}"
  cat "$file"
  printf '\n"""##,\n'
done
printf '  ]\n}\n'
