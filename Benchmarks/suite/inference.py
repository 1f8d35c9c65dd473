"""Tagging with one trained network: Weft's packages and the peers, taking turns, as one JSON document.

    python inference.py --tagger exp1 --threads 1 --lengths 14,40 --rounds 5 -o result.json

First the outputs are compared, on whole sentences of the dev data: a peer whose scores are further off than its precision
explains is an error. Then every contender in its turn tags the same sentences, for several rounds.
"""

import argparse
import json
import os
import sys
import tempfile
import time

import numpy as np

import corpus_sentences
import peer_taggers
import suite_taggers
import taggers
from statistics_of import summary
from weft_tagger import Sentences, WeftTagger

# How far scores may be from those of PyTorch in fp32, relative to the largest score.
TOLERANCE = {"fp32": 1e-4, "bf16": 0.1, "int8": 0.5}
DIFFERENT_SENTENCES = 16
# Seconds until threads that wait for work without sleeping have given up: those of PyTorch and ONNX Runtime wait for up to
# 0.2, and would take a core from whoever is next.
SETTLING = 0.3
PRECISIONS = ("fp32", "bf16", "int8")


def compare(own, reference, precision, name):
    """Differences of scores; ends the program where they are too large."""
    difference = float(np.abs(own - reference).max() / np.abs(reference).max())
    if not difference <= TOLERANCE[precision]:
        sys.exit(f"inference.py: {name}: scores differ by {difference:.3g} of the largest one")
    return {"score difference": difference, "tags changed": float((own.argmax(1) != reference.argmax(1)).mean())}


def bootstrap_interval(right, reference_right, resamples=2000):
    """95 % interval of the change of accuracy (points), over resampled sentences (paired)."""
    counts = np.array([len(x) for x in right])
    change = np.array([int(np.sum(x)) - int(np.sum(y)) for x, y in zip(right, reference_right)])
    chosen = np.random.default_rng(1).integers(len(counts), size=(resamples, len(counts)))
    values = 100.0 * change[chosen].sum(1) / counts[chosen].sum(1)
    return [float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))]


def check_quality(own, reference, gold, names, sentences):
    """Share of the dev tokens whose tag changes against fp32, and what that does to the score."""
    ids = {name: i for i, name in enumerate(names)}
    wanted = np.array([ids.get(tag, -1) for tags in gold for tag in tags])
    bounds = np.cumsum([0] + [len(s) for s in sentences])
    cut = [(own == wanted)[a:b] for a, b in zip(bounds, bounds[1:])]
    base = [(reference == wanted)[a:b] for a, b in zip(bounds, bounds[1:])]
    return {
        "tags changed": float((own != reference).mean()),
        "accuracy": 100.0 * float((own == wanted).mean()),
        "change of accuracy": 100.0 * float((own == wanted).mean() - (reference == wanted).mean()),
        "its 95 % interval": bootstrap_interval(cut, base),
    }


class Case:
    """A network with everybody who tags with it."""

    def __init__(self, name, threads, lengths, peers=True, quick=False):
        self.tagger, self.sentences, self.epochs = suite_taggers.TAGGERS[name]
        self.threads, self.lengths = threads, lengths
        _, run = taggers.trained(self.tagger, self.sentences, self.epochs)
        self.checkpoint = os.path.join(run, "model.safetensors")
        self.encoder = corpus_sentences.Encoder(self.checkpoint)
        self.counts = [len(self.encoder.labels[task]) for task in self.tagger.tasks]
        self.dev, self.gold = corpus_sentences.read("dev", taggers.TASK_COLUMNS[self.tagger.tasks[0]])
        self.weft = {}
        for precision in PRECISIONS:
            folder = taggers.packaged(self.tagger, precision, self.sentences, self.epochs)
            self.weft[precision] = WeftTagger(folder, self.counts, threads)
        self.network = peer_taggers.Network(self.checkpoint, self.tagger.tasks)
        self.folder = tempfile.TemporaryDirectory()
        example = self.encoder.batch([self.dev[0]])
        self.peers = {}
        if peers:
            self.peers = peer_taggers.contenders(
                self.network, self.folder.name, threads, example, lengths, quick
            )

    def check(self, most=200):
        """Compares all outputs with PyTorch's in fp32."""
        chosen = [s for s in self.dev if len(s) <= 60][:most]
        arrays = [self.encoder.batch([s]) for s in chosen]
        base = peer_taggers.PyTorch(self.network)
        reference = np.concatenate([base.scores(base.prepare(a))[0][:, 0] for a in arrays])
        result = {}
        for precision, own in self.weft.items():
            scores, labels = own.tag(chosen)
            result[f"Weft {precision}"] = compare(scores, reference, precision, f"Weft {precision}")
        for name, (precision, forms) in self.peers.items():
            peer = forms[None]
            scores = np.concatenate([peer.scores(peer.prepare(a))[0][:, 0] for a in arrays])
            result[name] = compare(scores, reference, precision, name)
        return result

    def quality(self):
        """What fewer bits change on the whole dev data."""
        names = self.encoder.labels[self.tagger.tasks[0]]
        tags = {precision: own.tag(self.dev)[1] for precision, own in self.weft.items()}
        return {
            precision: check_quality(tags[precision], tags["fp32"], self.gold, names, self.dev)
            for precision in PRECISIONS[1:]
        }

    def latency(self, length, rounds, seconds):
        """Microseconds a call for single sentences of this length, by contender."""
        chosen = corpus_sentences.of_length(self.dev, length, DIFFERENT_SENTENCES)
        own = Sentences(chosen)
        prepared = {}
        for name, (_, forms) in self.peers.items():
            peer = forms.get(length, forms[None])
            prepared[name] = (peer, [peer.prepare(self.encoder.batch([s])) for s in chosen])
        times = {f"Weft {precision}": [] for precision in self.weft} | {name: [] for name in prepared}
        for tagger in self.weft.values():
            tagger.time_sentences(own, 2 * len(chosen))
        for peer, inputs in prepared.values():
            for batch in 2 * inputs:
                peer(batch)
        for _ in range(rounds):
            for precision, tagger in self.weft.items():
                calls = max(20, int(seconds / max(tagger.time_sentences(own, 5).min(), 1e-6)))
                times[f"Weft {precision}"] += list(1e6 * tagger.time_sentences(own, calls))
                self.settle()
            for name, (peer, inputs) in prepared.items():
                end = time.perf_counter() + seconds
                call = 0
                while call < 20 or time.perf_counter() < end:
                    begin = time.perf_counter()
                    peer(inputs[call % len(inputs)])
                    times[name].append(1e6 * (time.perf_counter() - begin))
                    call += 1
                self.settle()
        return {name: summary(values) for name, values in times.items()}

    def settle(self):
        """Waits until no thread of whoever was last is at work."""
        if self.threads > 1:
            time.sleep(SETTLING)

    def bulk_passes(self, batches, size):
        """What each contender does to tag all batches, everything that can be made before made."""
        flat = Sentences([s for b in batches for s in b])
        passes = {
            f"Weft {precision}": lambda own=tagger: own.time_bulk(flat, size)
            for precision, tagger in self.weft.items()
        }
        arrays = [self.encoder.batch(b) for b in batches]

        def all_of(peer):
            inputs = [peer.prepare(a) for a in arrays]
            return lambda: [peer(batch) for batch in inputs]

        for name, (_, forms) in self.peers.items():
            if len(forms) == 1:  # else it differs from another contender for single sentences alone
                passes[name] = all_of(forms[None])
        return passes

    def bulk(self, rounds, tokens, sizes):
        """Tokens a second for many sentences, by contender; the best batch size of each."""
        text = corpus_sentences.read("train")[0]
        count = int(np.searchsorted(np.cumsum([len(s) for s in text]), tokens)) + 1
        times = {}
        for size in sizes:
            batches = corpus_sentences.batches_of_equal_length(text[:count], size)
            total = sum(len(b) * len(b[0]) for b in batches)
            passes = self.bulk_passes(batches, size)
            for tag_all in passes.values():
                tag_all()
            for _ in range(rounds):
                for name, tag_all in passes.items():
                    begin = time.perf_counter()
                    tag_all()
                    times.setdefault((name, size), []).append(total / (time.perf_counter() - begin))
                    self.settle()
        best = {}
        for (name, size), values in times.items():
            own = summary(values) | {"batch": size}
            if name not in best or own["median"] > best[name]["median"]:
                best[name] = own
        return best


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tagger", default="exp1", choices=sorted(suite_taggers.TAGGERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lengths", default="14,40")
    parser.add_argument("--bulk", type=int, default=30000, help="tokens of the text to tag in bulk; 0: leave it out")
    parser.add_argument("--sizes", default="32,64", help="sentences a batch that are tried")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="for each contender in each round")
    parser.add_argument("--quality", action="store_true", help="also measure what fewer bits change on dev")
    parser.add_argument("--quick", action="store_true", help="leave slow contenders out")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    peer_taggers.torch.set_num_threads(arguments.threads)
    lengths = [int(n) for n in arguments.lengths.split(",") if n]
    case = Case(arguments.tagger, arguments.threads, lengths, quick=arguments.quick)
    precisions = {f"Weft {p}": p for p in case.weft} | {n: p for n, (p, _) in case.peers.items()}
    result = {"tagger": arguments.tagger, "threads": arguments.threads, "precision": precisions}
    result["isa"] = case.weft["fp32"].isa
    result["outputs"] = case.check()
    if arguments.quality:
        result["quality"] = case.quality()
    result["latency"] = {str(n): case.latency(n, arguments.rounds, arguments.seconds) for n in lengths}
    if arguments.bulk:
        sizes = [int(n) for n in arguments.sizes.split(",")]
        result["bulk"] = case.bulk(arguments.rounds, arguments.bulk, sizes)
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
