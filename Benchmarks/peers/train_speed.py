"""PyTorch's training speed for the Exp1 network on ewt, batch 10, as one line of JSON.

    OMP_NUM_THREADS=1 taskset -c 0 .venv/bin/python train_speed.py --steps 400 --variant padded-sparse

Batches are made before the clock starts. `tokens/s` is the median over intervals of 25 steps. Every variant
computes the same training step, momentum of all word rows included:

packed         nn.LSTM on packed sequences, dense word table
padded         padded one-way LSTMs (oneDNN), dense word table
padded-sparse  the same, but word rows are caught up when they are read, and dropout draws eight elements at
               a time: PyTorch's best on the machines we tried
"""

import argparse
import json
import os
import statistics
import time

import numpy as np
import torch

from corpus import Part, Vocabularies, batch_stream, read_conll
from sgd import Trainer
from tagger import Tagger, byte_dropout
from train import HERE, TASKS, network

INTERVAL = 25


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default=os.path.join(HERE, "..", "..", "Examples", "data", "ewt"))
    parser.add_argument("--tasks", default="xpos,ner,deprel")
    parser.add_argument("--steps", type=int, default=400, help="timed steps, after 25 untimed ones")
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--layers", type=int, default=1, help="1: Exp1, 2: Exp2")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--variant", choices=["padded", "packed", "padded-sparse"], default="padded-sparse")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)

    tasks = {name: TASKS[name] for name in arguments.tasks.split(",")}
    sentences = read_conll(os.path.join(arguments.data, "train.conll"))
    vocabularies = Vocabularies(sentences, tasks)
    part = Part(sentences, vocabularies, tasks)
    random = np.random.default_rng(1)
    stream, names = batch_stream(part.lengths, arguments.batch, random), list(tasks)
    plan = []
    for _ in range(INTERVAL + arguments.steps):
        batch = part.batch(next(stream))
        batch.prepare()
        plan.append((batch, names[random.integers(len(names))]))

    config = network(vocabularies.sizes, vocabularies.sizes["labels"])
    config["encoder"] = [200] * arguments.layers
    best = arguments.variant == "padded-sparse"
    model = Tagger(
        config,
        lstm=arguments.variant.partition("-")[0],
        dropout=byte_dropout if best else torch.nn.functional.dropout,
    ).train()
    trainer = Trainer(model, lazy_words=best)
    trainer.set_rate(0.01)
    speeds, milliseconds, timed_tokens, processor_seconds = [], [], 0, 0.0
    for start in range(0, len(plan), INTERVAL):
        steps = plan[start : start + INTERVAL]
        begin, processor_begin = time.perf_counter(), time.process_time()
        for batch, task in steps:
            trainer.step(batch, task)
        seconds = time.perf_counter() - begin
        if start and len(steps) == INTERVAL:
            tokens = sum(b.tokens for b, _ in steps)
            speeds.append(tokens / seconds)
            milliseconds.append(1000 * seconds / len(steps))
            timed_tokens += tokens
            processor_seconds += time.process_time() - processor_begin
    result = {
        "variant": arguments.variant,
        "threads": arguments.threads,
        "batch": arguments.batch,
        "layers": arguments.layers,
        "tokens/s": statistics.median(speeds),
        "slowest": min(speeds),
        "fastest": max(speeds),
        "tokens/processor second": timed_tokens / processor_seconds,
        "ms/step": statistics.median(milliseconds),
        "tokens/step": sum(b.tokens for b, _ in plan) / len(plan),
        "torch": torch.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
