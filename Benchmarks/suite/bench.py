"""The benchmark suite: every case in turn, then a table, plots and the raw numbers.

    make bench                            everything, about 40 minutes on two cores
    make bench BENCH="--quick"            a minute: one network, few rounds
    make bench BENCH="--only training"    the cases whose name contains this

Results: suite/results/results.json, results.md, *.svg. Each case is a process of its own, on one core or two; everybody of a
case takes turns in it. Cases that were measured before stay in the results until they are measured again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import machine
import plots
import report
import taggers

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(HERE, "results")


def case(script, *arguments, threads=1):
    return {"script": script, "arguments": [str(a) for a in arguments], "threads": threads}


def training(*arguments, threads=1):
    return case("training.py", *arguments, "--threads", threads, threads=threads)


def inference(*arguments, threads=1):
    return case("inference.py", *arguments, "--threads", threads, threads=threads)


BEST = ("--variants", "padded-sparse,packed")
CASES = {
    "ceilings": case("ceilings.py"),
    "inference exp1": inference("--quality"),
    "inference exp1, 2 threads": inference(threads=2),
    "inference exp2": inference("--tagger", "exp2"),
    "inference three tasks": inference("--tagger", "three-tasks"),
    "inference three masks": case("joint.py"),
    "inference sparse masks": case("sparse.py"),
    "inference block masks": case("sparse.py", "--form", "blocks", "--densities", "0.5,0.25,0.1"),
    "inference linearity": case("linearity.py", "tagging"),
    "training exp1": training("--bf16", "--masked"),
    "training exp1, 2 threads": training("--bf16", threads=2),
    "training exp1, batch 32": training("--bf16", "--batch", 32, "--sentences", 8000),
    "training exp1-crf": training("--tagger", "exp1-crf", "--bf16"),
    "training exp2": training("--tagger", "exp2", "--bf16", "--sentences", 2500),
    "training linearity": case("linearity.py", "training", "--rounds", 1),
    "training masks": case("masked.py"),
    "kernels": case("kernels.py"),
    "compile time": case("compile_time.py"),
}
for hidden in (64, 100, 256, 333):
    CASES[f"inference hidden {hidden}"] = inference("--tagger", f"hidden-{hidden}", "--rounds", 3)
    CASES[f"training hidden {hidden}"] = training("--tagger", f"hidden-{hidden}", "--bf16", "--rounds", 3, *BEST)
for layers in (3, 4):
    short = ("--rounds", 3, "--sentences", 1500)
    CASES[f"inference {layers} layers"] = inference("--tagger", f"layers-{layers}", "--rounds", 3)
    CASES[f"training {layers} layers"] = training("--tagger", f"layers-{layers}", "--bf16", *short, *BEST)

QUICK = {
    "ceilings": case("ceilings.py"),
    "inference exp1": inference("--rounds", 2, "--seconds", 0.05, "--bulk", 5000, "--sizes", 32, "--quick"),
    "training exp1": training(
        "--bf16", "--rounds", 2, "--seconds", 0.5, "--sentences", 3000, "--variants", "padded-sparse"
    ),
}


def run(chosen):
    """Runs a case -> its result; None if it failed, after its message."""
    with tempfile.NamedTemporaryFile(suffix=".json") as output:
        command = [sys.executable, os.path.join(HERE, chosen["script"]), *chosen["arguments"], "-o", output.name]
        environment = os.environ | {"OMP_NUM_THREADS": str(chosen["threads"])}
        cores = machine.cores(chosen["threads"])
        if cores:
            command = ["taskset", "-c", cores, *command]
        if subprocess.run(command, env=environment).returncode:
            return None
        return json.load(output)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a minute instead of everything")
    parser.add_argument("--only", metavar="CASE", help="cases whose name contains this")
    parser.add_argument("--list", action="store_true", help="the names of the cases")
    parser.add_argument("-o", "--output", default=RESULTS, metavar="FOLDER")
    arguments = parser.parse_args()
    cases = QUICK if arguments.quick else CASES
    cases = {name: c for name, c in cases.items() if not arguments.only or arguments.only in name}
    if arguments.list:
        return print("\n".join(cases))
    if not cases:
        sys.exit(f"bench.py: no case contains '{arguments.only}'; --list shows them")
    if not os.access(taggers.WEFT, os.X_OK):
        sys.exit("bench.py: there is no program; run `make build`, or set WEFT")
    os.makedirs(arguments.output, exist_ok=True)
    path = os.path.join(arguments.output, "results.json")
    results = {"cases": {}}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    results["machine"] = machine.description()
    failed = []
    for number, (name, chosen) in enumerate(cases.items()):
        print(f"[{number + 1}/{len(cases)}] {name}", file=sys.stderr, flush=True)
        result = run(chosen)
        if result is None:
            failed.append(name)
            continue
        results["cases"][name] = result
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
        os.replace(path + ".new", path)
    text = report.markdown(results)
    with open(os.path.join(arguments.output, "results.md"), "w", encoding="utf-8") as file:
        file.write(text)
    plots.draw(results, arguments.output)
    print(text)
    if failed:
        sys.exit("bench.py: failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
