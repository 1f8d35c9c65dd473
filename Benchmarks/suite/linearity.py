"""Cost against work: microseconds a token for sentences of 10 to 5,000 tokens and for batches of 1 to 256 sentences.

    python linearity.py tagging -o result.json
    python linearity.py training -o result.json
"""

import argparse
import dataclasses
import json

import corpus_sentences
import suite_taggers
import taggers
from training import WeftTrainer
from weft_tagger import Sentences, WeftTagger

LENGTHS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


def tagging(rounds):
    """Best microseconds a token. Single sentences of each length, and batches of sentences of 20 tokens."""
    tagger, sentences, epochs = suite_taggers.TAGGERS["exp1"]
    _, run = taggers.trained(tagger, sentences, epochs)
    labels = corpus_sentences.Encoder(run + "/model.safetensors").labels["upos"]
    folder = taggers.packaged(tagger, "fp32", sentences, epochs)
    text = [word for sentence in corpus_sentences.read("train")[0] for word in sentence]
    lengths, batches = {}, {}
    own = WeftTagger(folder, [len(labels)], tokens=max(LENGTHS), batch=1)
    prepared = {n: Sentences([text[i * n : (i + 1) * n] for i in range(max(1, 2000 // n))]) for n in LENGTHS}
    for _ in range(rounds):
        for n, given in prepared.items():
            taken = own.time_sentences(given, max(given.count, 3))
            lengths.setdefault(n, []).append(1e6 * float(min(taken)) / n)
    own.close()
    own = WeftTagger(folder, [len(labels)], tokens=20, batch=max(BATCHES))
    given = Sentences([text[i * 20 : i * 20 + 20] for i in range(max(BATCHES))])
    for _ in range(rounds):
        for size in BATCHES:
            batches.setdefault(size, []).append(1e6 * own.time_bulk(given, size) / given.tokens)
    return {
        "us a token by tokens a sentence": {n: min(v) for n, v in lengths.items()},
        "us a token by sentences a batch": {n: min(v) for n, v in batches.items()},
    }


def training(rounds):
    """Best microseconds a token of training steps by batch size."""
    tagger = suite_taggers.TAGGERS["exp1"][0]
    batches = {}
    trainers = {}
    for size in BATCHES:
        sentences = max(1000, min(12544, 310 * size))
        named = dataclasses.replace(tagger, name="exp1-batch")
        epochs = 1 if sentences >= 310 * size else 1 + 310 * size // sentences
        trainers[size] = WeftTrainer(named, sentences, f"batch-{size}", batch=size, epochs=epochs)
    for _ in range(rounds):
        for size, trainer in trainers.items():
            speeds = trainer.speeds(0)
            if speeds:
                batches.setdefault(size, []).append(1e6 / max(speeds))
    return {"us a token by sentences a batch": {n: min(v) for n, v in batches.items()}}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["tagging", "training"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    result = {"tagging": tagging, "training": training}[arguments.what](arguments.rounds)
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
