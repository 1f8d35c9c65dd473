"""Prints finished Weft runs as the JSON lines that ../peers/summarise.py reads.

    python3 collect.py runs/weft > runs/weft.jsonl

Reads results.json of every folder in the one given; scores become percent.
"""

import json
import os
import sys


def percent(evaluation):
    return {task["name"]: 100 * task["value"] for task in evaluation["tasks"]}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = sys.argv[1]
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name, "results.json")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        line = {
            "tasks": [task["name"] for task in results["test"]["tasks"]],
            "seed": results["seed"],
            "best epoch": results["training"]["best"]["epoch"],
            "dev": percent(results["dev"]),
            "test": percent(results["test"]),
            "weft": results["toolVersion"],
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
