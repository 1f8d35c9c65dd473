"""Training one network: Weft, in the ways asked for, and PyTorch, taking turns, as one JSON document.

    python training.py --tagger exp1 --threads 1 --rounds 5 -o result.json

First both make the same steps from the same weights with the same random values, and the losses are compared. Then every
contender in its turn trains for a second or so, several rounds. Weft is the whole program, `weft train`, with drawing,
loading and packing of the batches; PyTorch finds its batches made. Both make full steps: dropout, clipping by norm, momentum
of all parameters (word rows that a batch does not touch included).
"""

import argparse
import json
import os
import subprocess
import sys
import time

import suite_taggers
import taggers
from statistics_of import summary

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(os.path.dirname(HERE), "peers")
VARIANTS = ("padded-sparse", "padded", "packed", "padded-sparse-bf16")
# Glibc's allocator gives large blocks back to the system after every step; a framework is faster if it does not.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 31)}


class TorchWorker:
    def __init__(self, variant, options, threads):
        command = [sys.executable, os.path.join(HERE, "torch_training.py"), "--variant", variant]
        command += ["--threads", str(threads), "--spec-options", json.dumps(options)]
        environment = os.environ | KEEP_MEMORY | {"OMP_NUM_THREADS": str(threads)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("training.py: PyTorch's side failed")
        return json.loads(line)

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return self.answer()

    def speeds(self, seconds):
        """Tokens a second of several stretches that take this long together."""
        first = self.run(5)
        stretch = max(2, int(5 * seconds / 4 / first["seconds"]))
        results = [self.run(stretch) for _ in range(4)]
        return [r["tokens"] / r["seconds"] for r in results]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class WeftTrainer:
    """`weft train` on a part of the corpus. `settings` are keys of `train`."""

    def __init__(self, tagger, sentences, name, **settings):
        self.spec = tagger.write_spec(sentences, **settings)
        self.folder = os.path.join(taggers.RUNS, "trained", name.replace(" ", "-"))

    def speeds(self, _):
        """Tokens a second between the marks of the log, the first stretch left out."""
        taggers.weft("train", self.spec, "-o", self.folder, "--replace", "--quiet")
        with open(os.path.join(self.folder, "log.jsonl"), encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        speeds = []
        for epoch in {e["epoch"] for e in events if "epoch" in e}:
            marks = [e for e in events if e["kind"] == "progress" and e["epoch"] == epoch]
            points = [(e["tokens"], e["tokens"] / e["tokensPerSecond"]) for e in marks]
            speeds += [(b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(points, points[1:])]
        if not speeds:  # too few steps for two marks
            ends = [e for e in events if e["kind"] == "epoch"]
            speeds = [e["tokens"] / e["trainingSeconds"] for e in ends]
        return speeds

    def close(self):
        pass


def compare_losses(tagger, sentences, steps=20):
    """Both sides make the same steps -> largest difference of a loss; ends the program if it is too large."""
    spec = tagger.write_spec(sentences)
    path = os.path.join(taggers.RUNS, f"steps-{tagger.name}.safetensors")
    losses = path + ".json"
    with open(losses, "w", encoding="utf-8") as file:
        file.write(taggers.weft("trace", spec, "--steps", str(steps), "-o", path))
    # A CRF's loss is that of a sentence, and as much larger.
    tolerance = "1e-3" if tagger.decoder == "crf" else "1e-4"
    command = [sys.executable, os.path.join(PEERS, "parity100.py"), path, "--tolerance", tolerance]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"training.py: losses differ:\n{done.stdout}{done.stderr}")
    return done.stderr.strip().splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tagger", default="exp1", choices=sorted(suite_taggers.TAGGERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--variants", default=",".join(VARIANTS), help="of PyTorch, comma-separated; may be empty")
    parser.add_argument("--bf16", action="store_true", help="also train in bf16, if the program can")
    parser.add_argument("--masked", action="store_true", help="also train under random masks of density 0.5")
    parser.add_argument("--sentences", type=int, default=4000, help="of the corpus")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each variant of PyTorch in each round")
    parser.add_argument("--no-comparison", action="store_true", help="leave out the comparison of losses")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    tagger = suite_taggers.TAGGERS[arguments.tagger][0]
    result = {"tagger": tagger.name, "threads": arguments.threads, "batch": arguments.batch}
    if not arguments.no_comparison:
        result["losses"] = compare_losses(tagger, arguments.sentences)

    settings = {"threads": arguments.threads, "batch": arguments.batch}
    dense = tagger.__class__(**{**vars(tagger), "masks": ""})
    stamp = f"{tagger.name}-{arguments.threads}-{arguments.batch}"
    contenders = {"Weft": WeftTrainer(dense, arguments.sentences, stamp, **settings)}
    if arguments.bf16 and '"precision"' in taggers.weft("schema"):
        contenders["Weft bf16"] = WeftTrainer(
            dense, arguments.sentences, stamp + "-bf16", precision="bf16", **settings
        )
    if arguments.masked:
        masked = tagger.__class__(**{**vars(tagger), "masks": "{random: 0.5}"})
        contenders["Weft, masked"] = WeftTrainer(masked, arguments.sentences, stamp + "-masked", **settings)
    task = tagger.tasks[0]
    options = {
        "data": taggers.training_file(arguments.sentences), "task": task, "column": taggers.TASK_COLUMNS[task],
        "hidden": tagger.hidden, "layers": tagger.layers, "crf": tagger.decoder == "crf", "batch": arguments.batch,
    }  # fmt: skip
    for variant in filter(None, arguments.variants.split(",")):
        contenders[f"PyTorch {variant}"] = TorchWorker(variant, options, arguments.threads)
    speeds = {name: [] for name in contenders}
    for contender in contenders.values():
        contender.speeds(arguments.seconds / 4)  # compiles, and warms up
    for _ in range(arguments.rounds):
        for name, contender in contenders.items():
            speeds[name] += contender.speeds(arguments.seconds)
        time.sleep(0.05)
    for contender in contenders.values():
        contender.close()
    result["speed"] = {name: summary(values) for name, values in speeds.items()}
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
