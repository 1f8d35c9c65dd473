"""Training speeds as a table.

    python speed.py --log runs/weft/log.jsonl weft train ...   # runs it; prints a JSON line as train_speed.py does
    python speed.py runs/speed.jsonl                           # the table of all such lines

A line holds the median, slowest and fastest of the tokens per second of a run's intervals: 100 steps each with Weft,
25 with PyTorch. The first interval is warming up and left out on both sides. Weft's time includes making the batches;
PyTorch's were made before its clock started.

Tokens per processor second do not depend on what else runs on the machine, caches apart. Weft's count the whole program
against it, with reading the corpus and scoring dev; PyTorch's count its training steps alone.
"""

import argparse
import json
import platform
import re
import resource
import statistics
import subprocess
import sys

LABELS = {"weft": "Weft", "padded-sparse": "PyTorch, padded, lazy word rows", "padded": "PyTorch, padded"}
LABELS["packed"] = "PyTorch, packed"


def weft_line(log, command):
    """Runs Weft for an epoch -> its speeds, between the milestones of its log and in processor time."""
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"speed.py: failed: {' '.join(command)}")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(log, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    # Milestones hold the tokens of the epoch so far and their mean speed.
    milestones = [e for e in events if e["kind"] == "progress" and e["epoch"] == 1]
    marks = [(e["tokens"], e["tokens"] / e["tokensPerSecond"]) for e in milestones]
    speeds = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(marks, marks[1:])]
    tokens = sum(e["tokens"] for e in events if e["kind"] == "epoch")
    return {
        "variant": "weft",
        "tokens/s": statistics.median(speeds),
        "slowest": min(speeds),
        "fastest": max(speeds),
        "tokens/processor second": tokens / (usage.ru_utime + usage.ru_stime),
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
    def median(variant, key):
        return statistics.median(run[key] for run in runs[variant])

    print(f"{processor()}; one thread; {len(runs['weft'])} rounds\n")
    print("| | tokens/s, median (rounds) | Weft is | tokens/processor second, median (rounds) | Weft is |")
    print("|---|---|---|---|---|")
    for variant, own in runs.items():
        cells = [LABELS[variant]]
        for key in ("tokens/s", "tokens/processor second"):
            values = [run[key] for run in own]
            cells.append(f"{median(variant, key):,.0f} ({min(values):,.0f} – {max(values):,.0f})")
            ratio = median("weft", key) / median(variant, key)
            cells.append("" if variant == "weft" else f"{ratio:.2f} times as fast")
        print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", help="run the command that follows; this is the log that it writes")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command, or the file of lines")
    arguments = parser.parse_args()
    if arguments.log:
        print(json.dumps(weft_line(arguments.log, arguments.arguments)))
    elif len(arguments.arguments) == 1:
        table(arguments.arguments[0])
    else:
        parser.error("name a file of lines, or a log by --log and a command")


if __name__ == "__main__":
    main()
