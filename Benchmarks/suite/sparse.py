"""A tagger whose weights a random mask thins out, singly or in blocks of 16 units × 1 input: the package that is chosen by
costs against that which multiplies with all weights."""

import argparse
import dataclasses
import json
import os

import numpy as np
import safetensors.numpy

import corpus_sentences
import suite_taggers
import taggers
from inference import DIFFERENT_SENTENCES
from statistics_of import summary
from weft_tagger import Sentences, WeftTagger

SENTENCES, EPOCHS = 1000, 1
PLACES = 2


def dense_costs():
    """-> path of the table of costs that comes with Weft, without the forms that leave weights out."""
    with open(os.path.join(taggers.ROOT, "Templates", "costs.txt.in"), encoding="utf-8") as file:
        lines = [line for line in file if line.startswith("#") or line.split()[1] in ("f32", "bf16", "int8")]
    return taggers.write("dense.costs", "".join(lines))


def random_blocks(tagger, density):
    """-> folder with a mask that keeps this share of the encoder's blocks, by chance, and all other weights."""
    spec, run = taggers.trained(tagger, SENTENCES, EPOCHS)
    folder = os.path.join("masks", f"{os.path.basename(run)}-blocks-{density}")
    mask = os.path.join(taggers.RUNS, folder, f"{tagger.tasks[0]}.safetensors")
    if not os.path.exists(mask):
        drawn = np.random.default_rng(1)
        kept = {}
        for name, weight in safetensors.numpy.load_file(os.path.join(run, "model.safetensors")).items():
            if name.startswith("encoder.") and weight.ndim == 2:
                hidden, inputs = weight.shape[0] // 4, weight.shape[1]
                blocks = drawn.permutation(4 * -(-hidden // 16) * inputs).reshape(4, -1, inputs)
                whole = np.repeat(blocks < density * blocks.size, 16, axis=1)[:, :hidden]
                kept[name] = whole.reshape(weight.shape).astype(np.uint8)
        tensors = taggers.write(os.path.join(folder, "blocks"), safetensors.numpy.save(kept))
        taggers.weft("masks", "import", spec, tensors, "--task", tagger.tasks[0], "--fill", "ones", "-o", mask)
    return os.path.dirname(mask)


def masks(tagger, form, density):
    """-> what a spec says of the masks."""
    if form == "weights":
        return f"{{random: {density}}}"
    return random_blocks(dataclasses.replace(tagger, name="dense"), float(density))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--form", choices=("weights", "blocks"), default="weights", help="what is left out as one")
    parser.add_argument("--densities", default="0.5,0.45,0.4,0.25,0.1")
    parser.add_argument("--lengths", default="14,40")
    parser.add_argument("--bulk", type=int, default=1000, help="sentences that are tagged 32 at a time; 0 for none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.05)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    dev = corpus_sentences.read("dev")[0]
    result = {}
    whole = suite_taggers.TAGGERS["exp1"][0]
    for density in arguments.densities.split(","):
        tagger = dataclasses.replace(whole, name="sparse", masks=masks(whole, arguments.form, density))
        _, run = taggers.trained(tagger, SENTENCES, EPOCHS)
        encoder = corpus_sentences.Encoder(os.path.join(run, "model.safetensors"))
        counts = [len(encoder.labels[task]) for task in tagger.tasks]
        folders = {
            name: taggers.packaged(tagger, "fp32", SENTENCES, EPOCHS, costs=costs)
            for name, costs in (("chosen", None), ("dense", dense_costs()))
        }
        # Where in memory weights lie is worth a tenth of the time: each package is opened at several places.
        own = [(name, WeftTagger(folders[name], counts)) for name in ("chosen", "dense", "dense", "chosen") * PLACES]
        chosen = dev[:50]
        difference = abs(own[0][1].tag(chosen)[0] - own[1][1].tag(chosen)[0]).max()
        if difference > 1e-4:
            raise SystemExit(f"sparse.py: scores differ by {difference}")
        result[density] = {"score difference": float(difference)}
        for length in map(int, arguments.lengths.split(",")):
            prepared = Sentences(corpus_sentences.of_length(dev, length, DIFFERENT_SENTENCES))
            times = {}
            for _ in range(arguments.rounds):
                for name, weft in own:
                    calls = max(20, int(arguments.seconds / weft.time_sentences(prepared, 5).min()))
                    times.setdefault(name, []).extend(1e6 * weft.time_sentences(prepared, calls))
            result[density][f"{length} tokens, µs"] = {name: summary(values) for name, values in times.items()}
        if arguments.bulk:
            prepared = Sentences(dev[: arguments.bulk])
            rates = {}
            for _ in range(arguments.rounds):
                for name, weft in own:
                    rates.setdefault(name, []).append(prepared.tokens / weft.time_bulk(prepared, 32))
            result[density]["tokens/s, 32 sentences a call"] = {name: summary(values) for name, values in rates.items()}
        for _, weft in own:
            weft.close()
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
