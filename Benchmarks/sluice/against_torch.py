"""Training on single sentences: a sluice network in Weft and in PyTorch, taking turns.

    python against_torch.py --threads 1 --rounds 5        # with the Python of ../peers/setup.sh

First both repeat the steps of `weft trace` from the same weights with the same random values, and the losses are compared.
Then each in its turn makes a pass over the same sentences: forward, backward, clipping by norm over the update set, update.
PyTorch finds its batches and index tensors made, its word table is updated row by row, and of its ways to run an LSTM the
fastest counts. The penalty is left out on both sides.

WEFT is the program (make build).
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peers"))

import torch  # noqa: E402
from fixture_format import read, step_batch  # noqa: E402
from sgd import Trainer  # noqa: E402
from soft_tagger import SoftTagger  # noqa: E402
from tagger import Tagger  # noqa: E402
from torch import _VF  # noqa: E402
from weft_steps import WeftSteps, compiled  # noqa: E402

SPEC = os.path.join(HERE, "..", "..", "Examples", "sluice", "sluice.yaml")
OVERRIDES = ["sharing.penalties=null", "network.words.unk-dropout=0"]


def lstm_single(lstm, x, grid):
    """A bidirectional nn.LSTM over one sentence, without packing."""
    zeros = x.new_zeros(2, 1, lstm.hidden_size)
    weights = lstm._flat_weights
    y = _VF.lstm(x.unsqueeze(1), (zeros, zeros), weights, True, 1, 0.0, lstm.training, True, False)[0]
    return y.squeeze(1)


def traced(weft, steps, folder):
    path = os.path.join(folder, "steps.safetensors")
    sets = [word for override in OVERRIDES for word in ("--set", override)]
    command = [weft, "trace", SPEC, *sets, "--steps", str(steps), "-o", path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


class TorchSide:
    def __init__(self, tensors, metadata, parameters, variant):
        config = json.loads(metadata["network"])
        config["features"] = {f["name"]: f for f in config["features"]}
        config["tasks"] = {name: config["tasks"][name] for name in json.loads(metadata["tasks"])}
        kind = SoftTagger if json.loads(metadata["recipe"])["sharing"] == "soft" else Tagger
        model = kind(config, lstm="packed" if variant == "single" else variant).train()
        if variant == "single":
            model.run_lstm = lstm_single
        with torch.no_grad():
            for name, p in model.named_parameters():
                p.copy_(torch.from_numpy(parameters[name]))
        self.trainer = Trainer(model, momentum=0.0)
        self.trainer.set_rate(0.01)
        self.batches = [step_batch(tensors, k) for k in range(len(tensors["steps.task"]))]
        for batch in self.batches:
            batch.prepare()

    def run(self, names):
        start = time.perf_counter()
        for batch, name in zip(self.batches, names):
            self.trainer.step(batch, name)
        return time.perf_counter() - start


class WeftSide:
    def __init__(self, library, tensors, parameters, threads):
        self.steps = WeftSteps(library, "sluice", parameters, threads)
        self.batches = [self.steps.prepare(tensors, k) for k in range(len(tensors["steps.task"]))]
        self.number = 0

    def losses(self, tensors, tasks):
        """Of the traced steps, with the values that were drawn there."""
        sites = {}
        result = []
        for k, task in enumerate(tasks):
            prefix = f"inject.{k}."
            values = [v for n, v in sorted(tensors.items()) if n.startswith(prefix)]
            sites[k] = (ctypes.c_void_p * len(values))(*[v.ctypes.data for v in values])
            if len(values) != self.steps.tables.site_count:
                raise RuntimeError("a random site is missing from the trace")
            rate = float(tensors["steps.rate"][k])
            pointer = ctypes.cast(sites[k], ctypes.c_void_p)
            result.append(self.steps.step(self.batches[k][0], task, rate, k, pointer))
        return result

    def run(self, tasks):
        start = time.perf_counter()
        for (batch, _), task in zip(self.batches, tasks):
            self.steps.step(batch, task, 0.01, self.number)
            self.number += 1
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40, help="sentences of a pass")
    parser.add_argument("--json", help="file for the figures")
    arguments = parser.parse_args()
    weft = os.environ.get("WEFT", os.path.join(HERE, "..", "..", ".build", "optimised", "release", "weft"))
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        path = traced(weft, arguments.steps, folder)
        parity = [sys.executable, os.path.join(HERE, "..", "peers", "parity100.py"), path]
        subprocess.run([*parity, "--out", os.path.join(folder, "losses.json")], check=True)
        tensors, metadata = read(path)
        parameters = {n[len("param.") :]: v for n, v in tensors.items() if n.startswith("param.")}
        library = compiled(weft, SPEC, "sluice", folder, OVERRIDES)
        names = json.loads(metadata["tasks"])
        tasks = [int(t) for t in tensors["steps.task"]]

        check = WeftSide(library, tensors, parameters, arguments.threads).losses(tensors, tasks)
        expected = [tensors[f"trace.{k}.loss"].item() for k in range(len(tasks))]
        worst = max(abs(a - b) for a, b in zip(check, expected))
        print(f"steps of the library against the trace: largest difference of losses {worst:.3g}", file=sys.stderr)
        if worst > 1e-4:
            sys.exit("against_torch.py: the library does not repeat the trace")

        sides = {"weft": WeftSide(library, tensors, parameters, arguments.threads)}
        order = {"weft": tasks}
        for variant in ("single", "packed", "padded"):
            sides[f"torch {variant}"] = TorchSide(tensors, metadata, parameters, variant)
            order[f"torch {variant}"] = [names[t] for t in tasks]
        seconds = {name: [] for name in sides}
        for turn in range(arguments.rounds + 1):
            for name, side in sides.items():
                taken = side.run(order[name])
                if turn:  # the first is warming up
                    seconds[name].append(taken / len(tasks))
        tokens = sum(len(tensors[f"batch.{k}.word"]) for k in range(len(tasks))) / len(tasks)
        middle = {name: statistics.median(values) for name, values in seconds.items()}
        print(f"{sides['weft'].steps.isa}, {arguments.threads} thread(s), {tokens:.1f} tokens a sentence, "
              f"{arguments.rounds} rounds of {len(tasks)} sentences; torch {torch.__version__}\n")
        print("| | ms a step, median (rounds) | tokens/s | Weft is |\n|---|---|---|---|")
        for name, values in seconds.items():
            low, high = 1000 * min(values), 1000 * max(values)
            ratio = "" if name == "weft" else f"{middle[name] / middle['weft']:.1f} times as fast"
            print(f"| {name} | {1000 * middle[name]:.2f} ({low:.2f} – {high:.2f}) | {tokens / middle[name]:,.0f} "
                  f"| {ratio} |")
        if arguments.json:
            with open(arguments.json, "w", encoding="utf-8") as file:
                json.dump({"threads": arguments.threads, "tokens": tokens, "seconds": seconds}, file)


if __name__ == "__main__":
    main()
