"""Training speeds as a table.

    python speed.py --log runs/weft/log.jsonl   # the log of a Weft run as one JSON line, as train_speed.py prints
    python speed.py runs/speed.jsonl            # the table of all such lines

A line holds the median, slowest and fastest of the tokens per second of a run's intervals: 100 steps each with Weft,
25 with PyTorch. The first interval is warming up and left out on both sides. Weft's time includes making the batches;
PyTorch's were made before its clock started.
"""

import argparse
import json
import platform
import re
import statistics
import subprocess

LABELS = {"weft": "Weft", "padded-sparse": "PyTorch, padded, lazy word rows", "padded": "PyTorch, padded"}
LABELS["packed"] = "PyTorch, packed"


def weft_line(path):
    """Speeds between the milestones of a run's first epoch."""
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    # Milestones hold the tokens of the epoch so far and their mean speed.
    milestones = [e for e in events if e["kind"] == "progress" and e["epoch"] == 1]
    marks = [(e["tokens"], e["tokens"] / e["tokensPerSecond"]) for e in milestones]
    speeds = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(marks, marks[1:])]
    return {
        "variant": "weft",
        "tokens/s": statistics.median(speeds),
        "slowest": min(speeds),
        "fastest": max(speeds),
    }


def processor():
    try:
        text = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return platform.processor() or platform.machine()
    values = dict(re.findall(r"^([^:\n]+):\s*(.*)$", text, re.MULTILINE))
    vectors = [x for x in ("avx512f", "avx2") if x in values.get("Flags", "")]
    return (
        f"{values.get('Model name')}, family {values.get('CPU family')} model {values.get('Model')}, "
        f"{values.get('CPU(s)')} CPUs, {', '.join(vectors) or platform.machine()}"
    )


def table(path):
    runs = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            run = json.loads(line)
            runs.setdefault(run["variant"], []).append(run)
    weft = statistics.median(run["tokens/s"] for run in runs["weft"])
    print(f"{processor()}; one thread\n")
    print("| | rounds | tokens/s: median of rounds | lowest and highest round | fastest interval | Weft is |")
    print("|---|---|---|---|---|---|")
    for variant, own in runs.items():
        medians = [run["tokens/s"] for run in own]
        median = statistics.median(medians)
        ratio = "" if variant == "weft" else f"{weft / median:.2f} times as fast"
        print(
            f"| {LABELS[variant]} | {len(own)} | {median:,.0f} | {min(medians):,.0f} – {max(medians):,.0f} "
            f"| {max(run['fastest'] for run in own):,.0f} | {ratio} |"
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?")
    parser.add_argument("--log", help="print the line of this Weft log")
    arguments = parser.parse_args()
    if arguments.log:
        print(json.dumps(weft_line(arguments.log)))
    elif arguments.file:
        table(arguments.file)
    else:
        parser.error("name a file, or a log by --log")


if __name__ == "__main__":
    main()
