"""What masks cost in training: ../training/masked.sh, as JSON."""

import argparse
import json
import os
import re
import subprocess
import sys

import taggers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", default="30")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    script = os.path.join(taggers.ROOT, "Benchmarks", "training", "masked.sh")
    core = str(max(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else "0"
    environment = os.environ | {"WEFT": taggers.WEFT, "CORE": core}
    done = subprocess.run([script, arguments.rounds], capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    rows = re.findall(r"^\| (none|density \S+) \| (\S+) \| (\S+) \| (\S+) \((\S+) – (\S+)\) \|", done.stdout, re.M)
    result = {
        name: {"ms a step": float(ms), "times the dense step": float(ratio), "quartiles": [float(a), float(b)]}
        for name, ms, _, ratio, a, b in rows
    }
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
