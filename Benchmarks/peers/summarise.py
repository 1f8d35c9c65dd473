"""Mean and standard deviation of test scores from files of JSON lines (train.py's, or any with `tasks`,
`seed`, `test`), and with two files the quality check between them.

    .venv/bin/python summarise.py torch.jsonl [weft.jsonl]

The check: the means of a score differ by at most max(0.3, 2 * sqrt(s1^2/n1 + s2^2/n2)) points.
"""

import argparse
import json
import statistics
import sys


def scores(path):
    """-> {(tasks, task): {seed: test score}}; a later line of the same seed replaces an earlier one."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            run = json.loads(line)
            for task, score in run["test"].items():
                found.setdefault((",".join(run["tasks"]), task), {})[run["seed"]] = score
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    if len(arguments.files) > 2:
        parser.error("one file, or two to compare")
    sides = [scores(path) for path in arguments.files]
    failed = False
    for key in sides[0]:
        columns = ["+".join(key[0].split(",")), key[1]]
        moments = []
        for side in sides:
            values = list(side.get(key, {}).values())
            if len(values) < 2:
                columns.append(f"{len(values)} runs")
                continue
            moments.append((statistics.mean(values), statistics.stdev(values), len(values)))
            columns.append("{:.2f} ± {:.2f} (n = {})".format(*moments[-1]))
        if len(moments) == 2:
            (m1, s1, n1), (m2, s2, n2) = moments
            allowed = max(0.3, 2 * (s1**2 / n1 + s2**2 / n2) ** 0.5)
            within = abs(m1 - m2) <= allowed
            failed |= not within
            columns.append(f"difference {m2 - m1:+.2f}, allowed {allowed:.2f}: {'yes' if within else 'NO'}")
        print("  ".join(columns))
    sys.exit(failed)


if __name__ == "__main__":
    main()
