"""From a spec to its compiled libraries, as JSON: seconds of `weft build` with an empty cache and with a full one, on one
core, for this machine's instruction set; and how large the libraries are. Reading the corpus is part of it."""

import argparse
import json
import os
import subprocess
import tempfile
import time

import suite_taggers
import taggers
from statistics_of import summary

CASES = {"exp1": {}, "exp1 in bf16": {"precision": "bf16"}, "exp1-crf": {}, "exp2": {}, "three-tasks": {}}


def build(spec, cache):
    begin = time.perf_counter()
    libraries = subprocess.run(
        [taggers.WEFT, "build", spec], capture_output=True, text=True, check=True, env=os.environ | {"WEFT_CACHE": cache}
    ).stdout.split()
    return time.perf_counter() - begin, [os.path.getsize(path) for path in libraries]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    result = {}
    for name, settings in CASES.items():
        spec = suite_taggers.TAGGERS[name.split()[0]][0].write_spec(1500, **settings)
        cold, cached = [], []
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as cache:
                seconds, (tagging, training) = build(spec, cache)
                cold.append(seconds)
                cached.append(build(spec, cache)[0])
        result[name] = {
            "cold s": summary(cold), "cached s": summary(cached), "tagging library bytes": tagging,
            "training library bytes": training,
        }  # fmt: skip
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
