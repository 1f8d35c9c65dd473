"""Single kernels: ../kernels/run.sh, as JSON, with the bytes that each reads and writes."""

import argparse
import json
import os
import re
import subprocess
import sys

import taggers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    core = str(max(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else "0"
    script = os.path.join(taggers.ROOT, "Benchmarks", "kernels", "run.sh")
    done = subprocess.run([script], capture_output=True, text=True, env=os.environ | {"CORE": core})
    if done.returncode:
        sys.exit(done.stderr)
    lines = done.stdout.splitlines()
    sets = lines[0].split("OpenBLAS")[1].split()
    result = {}
    for line in lines[1:]:
        name, cells = line[:44].strip(), line[44:]
        columns = [cells[i : i + 22].strip() for i in range(0, len(cells), 22)]
        row = {}
        for column, cell in zip(["OpenBLAS", *sets], columns):
            found = re.match(r"(\S+) \(\s*(\S+)\)", cell)
            if found:
                row[column] = {"us": float(found[1]), "G/s": float(found[2])}
        result[name] = row
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
