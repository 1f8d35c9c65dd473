"""PyTorch's training steps for one network, made when asked for.

    python torch_training.py --spec-options '{"hidden": 200, ...}' --variant padded-sparse

Prints {"ready": true} when batches are made and the first steps are over. Then, for each line of its input, it makes
that many steps and prints their tokens and seconds. Variants compute the same step (momentum of all word rows included):

packed              nn.LSTM on packed sequences, dense word table
padded              padded one-way LSTMs (oneDNN), dense word table
padded-sparse       word rows are caught up when they are read; dropout draws eight elements at a time
padded-sparse-bf16  the same under autocast to bf16

A CRF is computed by products of matrices over spans that double, which needs log2(T) rounds of calls instead of T; the
loop over time of the textbooks is several times slower here (--crf loop).
"""

import argparse
import json
import os
import sys
import time
import types

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from corpus import Part, Task, Vocabularies, batch_stream, read_conll  # noqa: E402
from sgd import Trainer  # noqa: E402
from tagger import Tagger, byte_dropout  # noqa: E402
from train import network  # noqa: E402


def path_score(head, scores, labels, grid):
    """Score of the labelled path of each sentence; every token is labelled."""
    padded = torch.zeros(grid.steps * grid.rows, dtype=torch.int64).index_copy_(0, grid.cell, labels)
    padded = padded.view(grid.steps, grid.rows)
    own = scores.gather(1, labels.unsqueeze(1)).squeeze(1)
    total = torch.zeros(grid.rows).index_add_(0, grid.row_of, own)
    pair = head.transitions[padded[:-1], padded[1:]]
    present = torch.arange(1, grid.steps).unsqueeze(1) < grid.lengths
    last = padded[grid.lengths - 1, torch.arange(grid.rows)]
    return total + (pair * present).sum(0) + head.start[padded[0]] + head.end[last]


def log_partition_by_doubling(head, scores, grid):
    """log of the sum over all paths, one per sentence, as a tree of matrix products."""
    x = grid.pad(scores)
    first = head.start + x[0]
    peak = first.amax(1, keepdim=True).detach()
    total, alpha = peak.squeeze(1), torch.exp(first - peak).unsqueeze(1)
    if grid.steps > 1:
        steps = head.transitions + x[1:].unsqueeze(2)
        peak = steps.amax((2, 3), keepdim=True).detach()
        present = (torch.arange(1, grid.steps).unsqueeze(1) < grid.lengths).unsqueeze(2).unsqueeze(3)
        product = torch.where(present, torch.exp(steps - peak), torch.eye(x.shape[2]))
        total = total + torch.where(present, peak, 0.0).sum((0, 2, 3))
        while len(product) > 1:
            odd = product[-1:] if len(product) % 2 else None
            pairs = len(product) // 2 * 2
            product = product[0:pairs:2] @ product[1:pairs:2]
            scale = product.amax((2, 3), keepdim=True).detach()
            product, total = product / scale, total + torch.log(scale).sum((0, 2, 3))
            if odd is not None:
                product = torch.cat([product, odd])
        alpha = alpha @ product[0]
    return total + torch.log((alpha.squeeze(1) * torch.exp(head.end)).sum(1))


def doubling_loss(head, scores, labels, grid):
    scores = scores.float()  # under autocast, too
    with torch.autocast("cpu", enabled=False):
        difference = log_partition_by_doubling(head, scores, grid) - path_score(head, scores, labels, grid)
    return difference.mean()


def looping_loss(head, scores, labels, grid):
    scores = scores.float()
    return (head.log_partition(scores, grid) - path_score(head, scores, labels, grid)).mean()


class Stepper:
    def __init__(self, arguments, options):
        tasks = {options["task"]: Task(options["column"])}
        sentences = read_conll(options["data"])
        vocabularies = Vocabularies(sentences, tasks)
        part = Part(sentences, vocabularies, tasks)
        stream = batch_stream(part.lengths, options["batch"], np.random.default_rng(1))
        self.batches = [part.batch(next(stream)) for _ in range(arguments.batches)]
        for batch in self.batches:
            batch.prepare()
        config = network(vocabularies.sizes, vocabularies.sizes["labels"])
        config["encoder"] = [options["hidden"]] * options["layers"]
        config["tasks"][options["task"]]["crf"] = options["crf"]
        best = "sparse" in arguments.variant
        self.task, self.next = options["task"], 0
        self.bf16 = arguments.variant.endswith("bf16")
        model = Tagger(
            config, arguments.variant.split("-")[0], byte_dropout if best else torch.nn.functional.dropout
        )
        model.train()
        if options["crf"]:
            head = model.heads[self.task]
            loss = doubling_loss if arguments.crf == "doubling" else looping_loss
            self.check_crf(head, loss)
            head.crf_loss = types.MethodType(loss, head)
        self.trainer = Trainer(model, lazy_words=best)
        self.trainer.set_rate(0.01)

    @torch.no_grad()
    def check_crf(self, head, loss):
        """The loss that is timed is the loss that Tagger defines."""
        batch = self.batches[0]
        scores = torch.randn(batch.tokens, head.out_features)
        labels = batch.labels[self.task]
        torch.nn.init.normal_(head.transitions, std=0.5)
        difference = abs(float(loss(head, scores, labels, batch.token_grid) - head.loss(scores, labels, batch)))
        torch.nn.init.zeros_(head.transitions)
        if not difference < 1e-3:
            sys.exit(f"torch_training.py: two ways to compute the CRF differ by {difference}")

    def run(self, steps):
        tokens, begin = 0, time.perf_counter()
        for _ in range(steps):
            batch = self.batches[self.next % len(self.batches)]
            self.next += 1
            tokens += batch.tokens
            if self.bf16:
                with torch.autocast("cpu", torch.bfloat16):
                    self.trainer.step(batch, self.task)
            else:
                self.trainer.step(batch, self.task)
        return {"tokens": tokens, "seconds": time.perf_counter() - begin}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spec-options", required=True, help="JSON: what training.py knows of the network")
    parser.add_argument("--variant", default="padded-sparse")
    parser.add_argument("--crf", default="doubling", choices=["doubling", "loop"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, default=200, help="different mini-batches")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    stepper = Stepper(arguments, json.loads(arguments.spec_options))
    stepper.run(10)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(stepper.run(int(line))), flush=True)


if __name__ == "__main__":
    main()
