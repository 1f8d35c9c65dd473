"""Makes the stored fixtures in Tests/Fixtures/torch: what PyTorch computes for small networks.

    .venv/bin/python fixtures.py            # make them again
    .venv/bin/python fixtures.py --check    # compare with the stored files and check this script's own parts

Parameters, inputs and injected random values are stored as float32 (or int32); everything is then computed
from those values in float64, and expectations are stored as float64. See README.md for the list of tensors.
"""

import argparse
import itertools
import json
import os
import random
import sys

import numpy as np
import torch

from corpus import Part, Task, Vocabularies
from fixture_format import Networks, Steps, batch_tensors, int32, read, step_batch, write
from tagger import Grid, Head, Tagger

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Fixtures", "torch")
STEPS = 10

# Spellings of one to eight scalars; "the"/"The" and "über"/"Über" share a word row but not a form; "aaaa" and
# "abab" repeat windows of the convolution, so that its maximum is a tie; some are outside ASCII, one
# outside the BMP.
LEXICON = (
    "a I . , the The of in on über Über naïve aaaa abab it is was dog dogs cat Paris London runs quickly "
    "tomorrow 1999 12 x-ray 東京 日 😀 can't to zebra"
).split()


def sentences_of(lengths, columns, seed):
    """Random sentences: a word column, then one column for each (labels, rate of unlabelled cells)."""
    r = random.Random(seed)
    result = []
    for i, length in enumerate(lengths):
        words = [r.choice(LEXICON) for _ in range(length)]
        sentence = [words]
        for labels, rate in columns:
            sentence.append(["_" if r.random() < rate else r.choice(labels) for _ in words])
        if i % 4 == 3:  # every fourth sentence is wholly unlabelled where the column may lack labels
            for column, (_, rate) in enumerate(columns, 1):
                if rate:
                    sentence[column] = ["_"] * length
        result.append(sentence)
    return result


def yaml_value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {yaml_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(yaml_value(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def spec_text(fixture, network):
    """The Weft spec of a fixture, in YAML."""
    tasks = {}
    for name, task in network["tasks"].items():
        entry = {"data": "toy", "column": name}
        if task.get("crf"):
            entry["decoder"] = "crf"
        head = {k: task[k] for k in ("layer", "layers", "activation") if k in task}
        if "mlp" in task:
            head["hidden"] = task["mlp"]
        if head:
            entry["head"] = head
        if "smoothing" in task:
            entry["label-smoothing"] = task["smoothing"]
        tasks[name] = entry
    words = {"dim": network["words"]["dim"], "lowercase": True}
    if "unk_dropout" in network["words"]:
        words["unk-dropout"] = network["words"]["unk_dropout"]
    columns = {"word": 0, **{name: i for i, name in enumerate(fixture["columns"], 1)}}
    unlabelled = {"unlabelled": ['"_"']} if any(rate for _, rate in fixture["columns"].values()) else {}
    recipe = fixture["recipe"]
    train = {"optimizer": recipe.get("optimizer", "sgd"), "rate": fixture["rate"]}
    for ours, theirs in (
        ("momentum", "momentum"),
        ("nesterov", "nesterov"),
        ("weight_decay", "weight-decay"),
    ):
        if ours in recipe:
            train[theirs] = recipe[ours]
    if fixture["decay"]:
        train["decay"] = fixture["decay"]
    train.update({"clip": recipe["clip"] or "none", "batch": fixture["batch"], "epochs": 2})
    lines = ["weft: 1", f"name: {fixture['name']}", "data:"]
    lines.append(
        "  toy: " + yaml_value({"format": "conll", "train": "train.conll", "columns": columns, **unlabelled})
    )
    lines.append("tasks:")
    lines += [f"  {name}: {yaml_value(entry)}" for name, entry in tasks.items()]
    lines += ["network:", "  words: " + yaml_value(words)]
    if "chars" in network:
        lines.append("  chars: " + yaml_value({k: v for k, v in network["chars"].items() if k != "size"}))
    if "features" in network:
        features = [{"column": name, "dim": f["dim"]} for name, f in network["features"].items()]
        lines.append("  features: " + yaml_value(features))
    lines.append("  encoder: " + yaml_value([{"kind": "bilstm", "hidden": h} for h in network["encoder"]]))
    lines.append("  dropout: " + yaml_value(network["dropout"]))
    if "noise" in network:
        lines.append("  noise: " + yaml_value(network["noise"]))
    mix = {"mix": network["mix"]} if "mix" in network else {}
    penalties = {k.replace("_", "-"): v for k, v in recipe.get("penalties", {}).items()}
    penalties = {"penalties": penalties} if penalties else {}
    lines.append("sharing: " + yaml_value({"kind": fixture.get("sharing", "hard"), **mix, **penalties}))
    lines.append("train: " + yaml_value(train))
    return "\n".join(lines) + "\n"


def fixture_list():
    """Every fixture: the network without sizes, the made-up columns {name: (labels, rate of unlabelled
    cells)}, sentence lengths, recipe. Small networks have small gradients: clip bounds are such that some of
    the ten steps are clipped and others are not."""
    pos, ner, chunk = list("NVDPAX") + ["ADV"], ["O", "B-X", "I-X", "B-Y", "I-Y"], ["B", "I", "O"]
    sgd = {"optimizer": "sgd", "momentum": 0.9}
    exp1 = {
        "name": "cnn-softmax",
        "seed": 11,
        "columns": {"pos": (pos, 0), "chunk": (chunk, 0)},
        "lengths": [1, 5, 3, 9, 2, 1, 7, 4, 6, 3, 11, 5],
        "batch": 4,
        "network": {
            "words": {"dim": 11, "unk_dropout": 0.01},
            "chars": {"kind": "cnn", "dim": 6, "filters": 7, "width": 3},
            "encoder": [13],
            "dropout": {"input": 0.5, "output": 0.5},
            "tasks": {"pos": {}, "chunk": {}},
        },
        "recipe": {**sgd, "clip": {"norm": 0.5}},
        "rate": 0.1,
        "decay": 0.05,
    }
    deep = {
        "name": "two-layers-crf",
        "seed": 12,
        "columns": {"ner": (ner, 0), "pos": (pos, 0), "shape": (list("lucd"), 0)},
        "lengths": [6, 1, 4, 8, 2, 3, 5, 1, 10],
        "batch": 3,
        "network": {
            "words": {"dim": 9, "unk_dropout": 0.2},
            "chars": {"kind": "bilstm", "dim": 5, "hidden": 3},
            "features": {"shape": {"dim": 2}},
            "encoder": [7, 5],
            "dropout": {"input": 0.25, "layers": 0.5, "output": 0.2, "variational": True},
            "noise": 0.2,
            "tasks": {
                "ner": {"crf": True, "layer": 0},
                "pos": {"mlp": [6], "activation": "tanh", "smoothing": 0.1},
            },
        },
        "recipe": {**sgd, "clip": {"norm": 1.0}},
        "rate": 0.1,
        "decay": 0.05,
    }
    partial = {
        "name": "partial-labels",
        "seed": 13,
        "columns": {"ner": (ner, 0.4), "pos": (pos, 0.5)},
        "lengths": [4, 7, 1, 5, 2, 6, 1, 3, 9, 2],
        "batch": 5,
        "network": {
            "words": {"dim": 8},
            "chars": {"kind": "cnn", "dim": 4, "filters": 3, "width": 5, "relu": False},
            "encoder": [5],
            "dropout": {"input": 0.5, "output": 0.5},
            "tasks": {"ner": {"crf": True}, "pos": {"mlp": [5, 9]}},
        },
        "recipe": {**sgd, "clip": {"norm": 0.8}},
        "rate": 0.1,
        "decay": 0.05,
    }
    tiny = {
        "seed": 14,
        "columns": {"pos": (pos, 0), "chunk": (chunk, 0)},
        "lengths": [3, 1, 6, 2, 4, 5],
        "batch": 2,
        "network": {
            "words": {"dim": 6},
            "encoder": [3],
            "dropout": {"input": 0.0, "output": 0.0},
            "tasks": {"pos": {}, "chunk": {}},
        },
        "decay": 0.0,
    }
    none = {}
    return [
        exp1,
        deep,
        partial,
        {
            **tiny,
            "name": "adam",
            "recipe": {"optimizer": "adam", "weight_decay": 0.01, "clip": none},
            "rate": 0.01,
        },
        {
            **tiny,
            "name": "adamw",
            "recipe": {"optimizer": "adamw", "weight_decay": 0.1, "clip": {"norm": 0.5}},
            "rate": 0.01,
        },
        {
            **tiny,
            "name": "nesterov-decay",
            "recipe": {**sgd, "nesterov": True, "weight_decay": 0.01, "clip": {"value": 0.05}},
            "rate": 0.1,
        },
        {
            **tiny,
            "name": "single-task",
            "sharing": "single",
            "network": {
                **tiny["network"],
                "chars": {"kind": "cnn", "dim": 3, "filters": 4, "width": 3},
                "dropout": {"input": 0.5, "output": 0.5},
            },
            "recipe": {**sgd, "clip": {"norm": 1.0}},
            "rate": 0.1,
        },
        {
            "name": "soft",
            "seed": 15,
            "sharing": "soft",
            "columns": {"ner": (ner, 0), "pos": (pos, 0.2)},
            "lengths": [5, 1, 4, 7, 2, 3, 6, 1, 8],
            "batch": 3,
            "network": {
                "words": {"dim": 6, "unk_dropout": 0.1},
                "chars": {"kind": "cnn", "dim": 4, "filters": 3, "width": 3},
                "encoder": [5, 4],
                "dropout": {"input": 0.25, "layers": 0.5, "output": 0.2},
                "tasks": {"ner": {"crf": True}, "pos": {"mlp": [6], "activation": "tanh"}},
            },
            "recipe": {**sgd, "clip": {"norm": 0.8}},
            "rate": 0.1,
            "decay": 0.05,
        },
        {
            "name": "sluice",
            "seed": 16,
            "sharing": "soft",
            "columns": {"ner": (ner, 0), "pos": (pos, 0.2), "chunk": (chunk, 0)},
            "lengths": [5, 1, 4, 7, 2, 3, 6, 1, 8],
            "batch": 2,
            "order": (0, 1, 2, 2, 0, 1, 0, 2, 1, 0),
            "network": {
                "words": {"dim": 6},
                "encoder": [6, 6],
                "mix": {"subspaces": 2},
                "dropout": {"input": 0.25, "output": 0.2},
                "tasks": {
                    "ner": {"layers": "mixture", "mlp": [5]},
                    "pos": {"layers": "mixture"},
                    "chunk": {"layer": 0, "layers": "mixture"},
                },
            },
            "recipe": {**sgd, "clip": {"norm": 0.8}, "penalties": {"orthogonality": {"weight": 0.1}}},
            "rate": 0.1,
            "decay": 0.05,
        },
        {
            "name": "sluice-two",
            "seed": 17,
            "sharing": "soft",
            "columns": {"ner": (ner, 0), "pos": (pos, 0)},
            "lengths": [5, 1, 4, 7, 2, 3, 6, 1, 8],
            "batch": 1,
            "network": {
                "words": {"dim": 6},
                "chars": {"kind": "bilstm", "dim": 4, "hidden": 3},
                "encoder": [6, 6, 6],
                "mix": {"subspaces": 2},
                "dropout": {"input": 0, "output": 0},
                "noise": 0.2,
                "tasks": {
                    "ner": {"layers": "mixture", "mlp": [5]},
                    "pos": {"layers": "mixture", "layer": 1, "mlp": [5]},
                },
            },
            "recipe": {
                **sgd,
                "momentum": 0,
                "clip": {"norm": 2},
                "penalties": {"orthogonality": {"weight": 0.05, "every": 2}, "group_lasso": 1.5},
            },
            "rate": 0.1,
            "decay": 0.05,
        },
    ]


@torch.no_grad()
def draw(networks, rng):
    """The contracted initialisation, drawn from numpy so that it does not depend on torch's version, plus
    small values where the contract has zeros, so that a forgotten bias or transition shows."""
    for name, p in networks.parameters().items():
        shape = tuple(p.shape)
        part = name.split(".")
        if part[-2] in ("words", "embedding") or "features" in part:
            value = rng.uniform(-1, 1, shape) * np.sqrt(3 / shape[1])
            value[0] = 0
        elif p.dim() > 1 and part[-1] != "transitions":
            fan_in, fan_out = np.prod(shape[1:]), shape[0] * np.prod(shape[2:])
            value = rng.uniform(-1, 1, shape) * np.sqrt(6 / (fan_in + fan_out))
        else:
            value = rng.uniform(-0.3, 0.3, shape)
            if part[-1].startswith("bias_"):
                value[shape[0] // 4 : shape[0] // 2] += 1
        p.copy_(torch.from_numpy(value.astype(np.float32)))


def injected(config, network, batch, task, rng):
    """Random values of every active site of one step, float32, in the packed layout."""
    drop, result = config["dropout"], {}

    def multipliers(rate, columns):
        rows = batch.sentences if drop.get("variational") else batch.tokens
        return ((rng.random((rows, columns)) >= rate) / (1 - rate)).astype(np.float32)

    width = network.input_columns
    if config["words"].get("unk_dropout"):
        # A higher rate than the recipe's, so that a step replaces a few words.
        result["dropout.words"] = (rng.random((batch.tokens, 1)) < 0.15).astype(np.float32)
    if config.get("noise"):
        result["noise.input"] = (rng.standard_normal((batch.tokens, width)) * config["noise"]).astype(
            np.float32
        )
    if drop["input"]:
        result["dropout.input"] = multipliers(drop["input"], width)
    for site, columns in network.layer_sites(task) if drop.get("layers") else []:
        result[site] = multipliers(drop["layers"], columns)
    if drop["output"]:
        columns = 2 * config["encoder"][network.layer_of[task]]
        result[network.output_site(task)] = multipliers(drop["output"], columns)
    return result


def probabilities(head, scores, batch):
    """Label probabilities [N x L]: softmax, or the CRF's marginals (the gradient of log Z)."""
    if not head.crf:
        return torch.softmax(scores, 1)
    leaf = scores.detach().requires_grad_()
    return torch.autograd.grad(head.log_partition(leaf, batch.token_grid).sum(), leaf)[0]


def make(fixture):
    """-> (tensors, metadata, notes for the reader)."""
    rng = np.random.default_rng(fixture["seed"])
    names = list(fixture["network"]["tasks"])
    columns = {name: i for i, name in enumerate(fixture["columns"], 1)}
    tasks = {name: Task(columns[name], unlabelled=("_",)) for name in names}
    features = {name: columns[name] for name in fixture["network"].get("features", {})}
    sentences = sentences_of(fixture["lengths"], list(fixture["columns"].values()), fixture["seed"])
    vocabularies = Vocabularies(sentences, tasks, features)
    part = Part(sentences, vocabularies, tasks)
    sizes = vocabularies.sizes

    config = json.loads(json.dumps(fixture["network"]))
    config["words"]["size"] = sizes["words"]
    if "chars" in config:
        config["chars"]["size"] = sizes["characters"]
    for name in features:
        config["features"][name]["size"] = sizes["features"][name]
    for name in names:
        config["tasks"][name]["labels"] = sizes["labels"][name]
    networks = Networks(config, fixture.get("sharing", "hard"))
    draw(networks, rng)

    tensors = {f"param.{n}": p.detach().numpy().astype(np.float32) for n, p in networks.parameters().items()}
    steps = Steps(networks.of, fixture["recipe"])
    order = [names[i] for i in fixture.get("order", (0, 1, 1, 0, 1, 0, 0, 1, 0, 1))]
    epochs = [k // 5 for k in range(STEPS)]
    rates = [fixture["rate"] / (1 + fixture["decay"] * e) for e in epochs]
    norms = []
    for k, (task, rate) in enumerate(zip(order, rates)):
        # Step 0 takes the first sentences in file order (one of a single token among them).
        chosen = (
            np.arange(fixture["batch"]) if k == 0 else rng.permutation(len(sentences))[: fixture["batch"]]
        )
        tensors.update(batch_tensors(k, part.batch(chosen)))
        batch, network = step_batch(tensors, k), networks.of[task]
        values = injected(config, network, batch, task, rng)
        for site, value in values.items():
            tensors[f"inject.{k}.{networks.name(task, site)}"] = value
        inject = {site: torch.from_numpy(v).double() for site, v in values.items()}
        if k == 0:
            tensors.update(first_step(networks, batch, task, inject))
        loss, norm, reached = steps.gradients(batch, task, inject)
        if k == 0:
            named = dict(network.named_parameters())
            for name in reached:
                tensors[f"expect.grad.{networks.name(task, name)}"] = named[name].grad.numpy().copy()
            tensors["expect.norm"] = np.float64(norm)
        tensors[f"expect.{k}.loss"] = np.float64(loss)
        tensors[f"expect.{k}.norm"] = np.float64(norm)
        norms.append(norm)
        steps.apply(task, rate)
    for name, p in networks.parameters().items():
        tensors[f"expect.final.{name}"] = p.detach().numpy().copy()
    tensors["steps.task"] = int32([names.index(t) for t in order])
    tensors["steps.rate"] = np.array(rates)
    tensors["steps.epoch"] = int32(epochs)
    metadata = {
        "spec": spec_text(fixture, config),
        "tasks": json.dumps(names),
        "sizes": json.dumps(sizes, sort_keys=True),
        "network": json.dumps(config, sort_keys=True),
        "recipe": json.dumps(
            {**fixture["recipe"], "sharing": fixture.get("sharing", "hard")}, sort_keys=True
        ),
        "torch": torch.__version__.partition("+")[0],
    }
    return tensors, metadata, f"norms {min(norms):.2f}..{max(norms):.2f}"


def first_step(networks, batch, task, inject):
    """Values at the initial parameters: in use (every task) and in training (the step's task)."""
    found = {}
    for name, network in networks.of.items():
        network.eval()
        trace = {}
        scores = network(batch, [name], trace=trace)[name]
        head = network.heads[name]
        found[f"expect.use.scores.{name}"] = scores
        found[f"expect.use.probabilities.{name}"] = probabilities(head, scores, batch)
        found[f"expect.use.labels.{name}"] = head.decode(scores, batch).int()
        for inner, value in trace.items():
            found["expect.use." + networks.name(name, inner)] = value
    network = networks.of[task]
    network.train()
    found[f"expect.train.scores.{task}"] = network(batch, [task], inject)[task]
    return {name: value.detach().numpy().copy() for name, value in found.items()}


# ---------------------------------------------------------------- self-check


def check_crf():
    """Head.crf_loss against enumeration of every path (partial labels too) and, fully labelled, against
    pytorch-crf."""
    import torchcrf

    rng = np.random.default_rng(5)
    labels = 3
    head = Head(4, labels, crf=True).double()
    with torch.no_grad():
        for p in (head.transitions, head.start, head.end):
            p.copy_(torch.from_numpy(rng.standard_normal(tuple(p.shape))))
    lengths = [5, 4, 4, 1]
    offset = [0, *itertools.accumulate(sum(length > t for length in lengths) for t in range(5))]
    grid = Grid(offset)
    scores = torch.from_numpy(rng.standard_normal((offset[-1], labels)))
    full = torch.from_numpy(rng.integers(0, labels, offset[-1]))
    partial = full.clone()
    partial[torch.from_numpy(rng.random(offset[-1])) < 0.5] = -1
    partial[grid.row_of == 1] = -1
    for gold in (full, partial):
        losses = []
        for s, length in enumerate(lengths):
            rows = [offset[t] + s for t in range(length)]
            if not any(gold[r] >= 0 for r in rows):
                continue
            everything, agreeing = [], []
            for path in itertools.product(range(labels), repeat=length):
                value = (
                    head.start[path[0]]
                    + head.end[path[-1]]
                    + sum(scores[row, k] for row, k in zip(rows, path))
                )
                value = value + sum(head.transitions[a, b] for a, b in zip(path, path[1:]))
                everything.append(value)
                if all(gold[row] < 0 or gold[row] == k for row, k in zip(rows, path)):
                    agreeing.append(value)
            losses.append(
                torch.logsumexp(torch.stack(everything), 0) - torch.logsumexp(torch.stack(agreeing), 0)
            )
        expected = torch.stack(losses).mean()
        torch.testing.assert_close(head.crf_loss(scores, gold, grid), expected, rtol=1e-12, atol=1e-12)
    other = torchcrf.CRF(labels).double()
    with torch.no_grad():
        other.transitions.copy_(head.transitions)
        other.start_transitions.copy_(head.start)
        other.end_transitions.copy_(head.end)
    padded = grid.pad(scores)
    tags = grid.pad(full.double().unsqueeze(1)).squeeze(2).long()
    mask = torch.arange(grid.steps).unsqueeze(1) < grid.lengths.unsqueeze(0)
    theirs = -other(padded, tags, mask=mask, reduction="mean")
    torch.testing.assert_close(head.crf_loss(scores, full, grid), theirs, rtol=1e-12, atol=1e-12)


def check_packing():
    """The padded and packed LSTM agree, and packed sentences equal sentences run one at a time."""
    config = {
        "words": {"size": 9, "dim": 4},
        "encoder": [3, 2],
        "dropout": {"input": 0.0, "output": 0.0},
        "tasks": {"t": {"labels": 3}},
    }
    torch.manual_seed(1)
    packed = Tagger(config).double().eval()
    padded = Tagger(config, lstm="padded").double().eval()
    padded.load_state_dict(packed.state_dict(), strict=True)
    lengths = [6, 3, 3, 1]
    offset = [0, *itertools.accumulate(sum(length > t for length in lengths) for t in range(6))]
    word = torch.randint(1, 9, (offset[-1],))

    def run(network, rows, offsets):
        tensors = {"batch.0.word": word[rows].numpy(), "batch.0.token_offset": int32(offsets)}
        return network(step_batch(tensors, 0), ["t"])["t"]

    together = run(packed, torch.arange(offset[-1]), offset)
    torch.testing.assert_close(
        run(padded, torch.arange(offset[-1]), offset), together, rtol=1e-12, atol=1e-12
    )
    for s, length in enumerate(lengths):
        rows = torch.tensor([offset[t] + s for t in range(length)])
        alone = run(packed, rows, list(range(length + 1)))
        torch.testing.assert_close(alone, together[rows], rtol=1e-12, atol=1e-12)


def compare(path, tensors, metadata):
    """The stored file against the values made now: exact for what is stored input, 1e-10 for expectations
    (another processor may add in another order)."""
    stored, stored_metadata = read(path)
    if stored.keys() != tensors.keys():
        sys.exit(f"{path}: other tensors: {sorted(stored.keys() ^ tensors.keys())}")
    for name, value in tensors.items():
        tolerance = 1e-10 if name.startswith("expect.") else 0.0
        if not np.allclose(stored[name], value, rtol=tolerance, atol=tolerance):
            sys.exit(f"{path}: {name} differs by {np.abs(stored[name] - value).max()}")
    for key in ("spec", "tasks", "sizes", "network", "recipe"):
        if stored_metadata[key] != metadata[key]:
            sys.exit(f"{path}: metadata {key} differs")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare with the stored files, write nothing")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.check:
        check_crf()
        check_packing()
    os.makedirs(FOLDER, exist_ok=True)
    for fixture in fixture_list():
        path = os.path.join(FOLDER, fixture["name"] + ".safetensors")
        tensors, metadata, notes = make(fixture)
        if arguments.check:
            compare(path, tensors, metadata)
        else:
            write(path, tensors, metadata)
        print(f"{fixture['name']:16} {len(tensors):4} tensors {os.path.getsize(path):7} bytes  {notes}")


if __name__ == "__main__":
    main()
