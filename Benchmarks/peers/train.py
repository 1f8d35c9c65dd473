"""Trains the tagger by Weft's recipe in PyTorch and appends one JSON line of scores.

OMP_NUM_THREADS=1 .venv/bin/python train.py --tasks ner --epochs 8 --seed 1 --out results.jsonl
"""

import argparse
import copy
import json
import os
import time

import numpy as np
import torch

from corpus import Part, Task, Vocabularies, batch_stream, read_conll
from sgd import Trainer
from tagger import Tagger

HERE = os.path.dirname(os.path.abspath(__file__))
TASKS = {"xpos": Task(2), "ner": Task(3, scheme="bioes"), "deprel": Task(5)}


def network(sizes, labels):
    """The base network of the sparse-sharing paper's Exp1."""
    return {
        "words": {"size": sizes["words"], "dim": 100, "unk_dropout": 0.01},
        "chars": {"kind": "cnn", "size": sizes["characters"], "dim": 30, "filters": 30, "width": 3},
        "encoder": [200],
        "dropout": {"input": 0.5, "output": 0.5},
        "tasks": {name: {"labels": labels[name]} for name in labels},
    }


@torch.no_grad()
def evaluate(model, part, vocabularies, tasks, size=64):
    """-> task -> score in percent."""
    model.eval()
    names = {t: list(vocabularies.labels[t]) for t in tasks}
    predicted = {t: np.zeros(int(part.first[-1]), dtype=np.int64) for t in tasks}
    order = np.argsort(-part.lengths, kind="stable")
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        batch = part.batch(chosen)
        tokens = part.packed_order(chosen)[1]
        for task, scores in model(batch, list(tasks)).items():
            predicted[task][tokens] = model.heads[task].decode(scores, batch).numpy()
    result = {}
    for name, task in tasks.items():
        tags = [[names[name][i] for i in predicted[name][a:b]] for a, b in zip(part.first, part.first[1:])]
        result[name] = task.score([s[task.column] for s in part.sentences], tags)
    return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default=os.path.join(HERE, "..", "..", "Examples", "data", "ewt"))
    parser.add_argument("--tasks", default="xpos,ner,deprel", help="comma-separated, of " + ", ".join(TASKS))
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--lstm", choices=["packed", "padded"], default="padded")
    parser.add_argument("--steps", type=int, help="stop each epoch after this many steps (a quick look)")
    parser.add_argument("--out", help="file to which the result is appended as one JSON line")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    random = np.random.default_rng(arguments.seed)
    tasks = {name: TASKS[name] for name in arguments.tasks.split(",")}
    files = {
        part: read_conll(os.path.join(arguments.data, part + ".conll")) for part in ("train", "dev", "test")
    }
    vocabularies = Vocabularies(files["train"], tasks)
    parts = {name: Part(sentences, vocabularies, tasks) for name, sentences in files.items()}
    sizes = vocabularies.sizes
    model = Tagger(network(sizes, sizes["labels"]), lstm=arguments.lstm)
    trainer = Trainer(model)

    train = parts["train"]
    names = list(tasks)
    counts = np.array([len(train.lengths) for _ in names], dtype=float)  # every sentence carries every label
    streams = {t: batch_stream(train.lengths, arguments.batch, random) for t in names}
    steps = sum(-(-int(n) // arguments.batch) for n in counts)
    if arguments.steps:
        steps = min(steps, arguments.steps)
    epochs, best, train_seconds, tokens_in_all = [], None, 0.0, 0
    started = time.perf_counter()
    for epoch in range(arguments.epochs):
        model.train()
        trainer.set_rate(arguments.rate / (1 + arguments.decay * epoch))
        begin, tokens, loss = time.perf_counter(), 0, 0.0
        for _ in range(steps):
            task = names[random.choice(len(names), p=counts / counts.sum())]
            batch = train.batch(next(streams[task]))
            loss += float(trainer.step(batch, task))
            tokens += batch.tokens
        trainer.settle()
        seconds = time.perf_counter() - begin
        train_seconds, tokens_in_all = train_seconds + seconds, tokens_in_all + tokens
        dev = evaluate(model, parts["dev"], vocabularies, tasks)
        mean = sum(dev.values()) / len(dev)
        epochs.append(
            {"epoch": epoch, "loss": loss / steps, "dev": dev, "mean": mean, "tokens/s": tokens / seconds}
        )
        print(json.dumps(epochs[-1]), flush=True)
        if best is None or mean > best[0]:
            best = (mean, epoch, copy.deepcopy(model.state_dict()))
    model.load_state_dict(best[2])
    result = {
        "tasks": names,
        "seed": arguments.seed,
        "best epoch": best[1],
        "dev": epochs[best[1]]["dev"],
        "test": evaluate(model, parts["test"], vocabularies, tasks),
        "epochs": epochs,
        "steps per epoch": steps,
        "tokens/s": tokens_in_all / train_seconds,
        "wall seconds": time.perf_counter() - started,
        "sizes": sizes,
        "lstm": arguments.lstm,
        "torch": torch.__version__,
    }
    print(json.dumps(result), flush=True)
    if arguments.out:
        with open(arguments.out, "a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
