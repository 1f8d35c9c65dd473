"""Runs the training steps stored in a safetensors file and writes their losses, so that another
implementation that ran the same steps from the same weights can be compared.

    .venv/bin/python parity100.py steps.safetensors --out losses.json

The file is in the format of fixture_format.py: `param.*`, `batch.<k>.*`, `inject.<k>.*` for k = 0, 1, ...,
and `steps.task`. `steps.rate` and the metadata `network` and `recipe`, are optional: the network is then
read off the parameters (ReLU, heads on the top layer), and the recipe is SGD 0.1, momentum 0.9, clip norm 5.
Metadata `tasks` (JSON list) names the tasks in the order of steps.task. If the file holds the other side's
`expect.<k>.loss` or `trace.<k>.loss`, or --compare names a JSON list of them, the largest difference is printed and one above
--tolerance is an error.
"""

import argparse
import json
import os
import sys

import torch

from fixture_format import Networks, Steps, read, step_batch, step_injection


def network_of(parameters):
    """The Tagger config that has these parameters (name -> array); what shapes do not tell has its
    default."""
    shared = {n: v for n, v in parameters.items() if not n.startswith("heads.")}
    first = min(shared)
    prefix = (
        "" if first.split(".")[0] in ("chars", "encoder", "features", "words") else first.split(".")[0] + "."
    )
    own = {n[len(prefix) :]: v for n, v in shared.items() if n.startswith(prefix)}
    config = {"words": dict(zip(("size", "dim"), own["words.weight"].shape))}
    if "chars.conv.weight" in own:
        filters, dim, width = own["chars.conv.weight"].shape
        size = own["chars.embedding.weight"].shape[0]
        config["chars"] = {"kind": "cnn", "size": size, "dim": dim, "filters": filters, "width": width}
    elif "chars.lstm.weight_hh_l0" in own:
        size, dim = own["chars.embedding.weight"].shape
        hidden = own["chars.lstm.weight_hh_l0"].shape[1]
        config["chars"] = {"kind": "bilstm", "size": size, "dim": dim, "hidden": hidden}
    features = {n.split(".")[1]: v.shape for n, v in own.items() if n.startswith("features.")}
    config["features"] = {n: {"size": s[0], "dim": s[1]} for n, s in features.items()}
    layers = sum(n.startswith("encoder.") and n.endswith("weight_hh_l0") for n in own)
    config["encoder"] = [own[f"encoder.{k}.weight_hh_l0"].shape[1] for k in range(layers)]
    config["dropout"] = {"input": 0.0, "output": 0.0}
    config["tasks"] = {}
    for name, value in parameters.items():
        part = name.split(".")
        if part[0] == "heads" and part[2:] == ["weight"]:
            head = f"heads.{part[1]}."
            depth = sum(n.startswith(head + "mlp.") and n.endswith(".weight") for n in parameters)
            config["tasks"][part[1]] = {
                "labels": value.shape[0],
                "crf": head + "transitions" in parameters,
                "mlp": [parameters[f"{head}mlp.{k}.weight"].shape[0] for k in range(depth)],
            }
    return config, "single" if prefix else "hard"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file")
    parser.add_argument("--out", help="JSON file for the losses (default: standard output)")
    parser.add_argument("--steps", type=int, help="run only this many")
    parser.add_argument("--rate", type=float, default=0.1, help="where the file has no steps.rate")
    parser.add_argument("--double", action="store_true", help="compute in float64")
    parser.add_argument(
        "--compare", help="JSON list of the other side's losses, or an object with such `losses`"
    )
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    tensors, metadata = read(arguments.file)
    metadata = metadata or {}
    parameters = {n[len("param.") :]: v for n, v in tensors.items() if n.startswith("param.")}
    recipe = json.loads(metadata.get("recipe", "{}"))
    if "network" not in metadata:
        config, sharing = network_of(parameters)
    else:
        config, sharing = json.loads(metadata["network"]), recipe.get("sharing", "hard")
        if isinstance(config.get("features"), list):  # from Weft: the order is that of the columns
            config["features"] = {feature["name"]: feature for feature in config["features"]}
    dtype = torch.float64 if arguments.double else torch.float32
    # Every random site must be in the file. One that is not stays silent, rather than drawing its own.
    config = {**config, "noise": 0.0, "words": {**config["words"], "unk_dropout": 0.0}}
    config["dropout"] = {**config["dropout"], "input": 0.0, "layers": 0.0, "output": 0.0}
    for k in range(len(tensors["steps.task"])):
        for site, value in step_injection(tensors, k, dtype, sharing).items():
            rows = tensors[f"batch.{k}.word"].shape[0]
            if site.startswith("dropout.") and value.shape[0] != rows:
                config["dropout"]["variational"] = True  # rows are sentences
    names = json.loads(metadata["tasks"]) if "tasks" in metadata else list(config["tasks"])
    config["tasks"] = {name: config["tasks"][name] for name in names}
    networks = Networks(config, sharing, dtype)
    networks.load(parameters)
    steps = Steps(networks.of, recipe)
    if len(names) > 1 and "tasks" not in metadata:
        sys.exit(f"{arguments.file}: several tasks, but no metadata `tasks` that says their order")

    losses, count = [], len(tensors["steps.task"])
    for k in range(min(count, arguments.steps or count)):
        task = names[int(tensors["steps.task"][k])]
        rate = float(tensors["steps.rate"][k]) if "steps.rate" in tensors else arguments.rate
        loss, _, _ = steps.gradients(step_batch(tensors, k), task, step_injection(tensors, k, dtype, sharing))
        steps.apply(task, rate)
        losses.append(loss)

    text = json.dumps({"losses": losses, "torch": torch.__version__, "double": arguments.double})
    if arguments.out:
        with open(arguments.out + ".partial", "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.replace(arguments.out + ".partial", arguments.out)
    else:
        print(text)

    stored = (f"{side}.{k}.loss" for k in range(len(losses)) for side in ("expect", "trace"))
    other = [tensors[name].item() for name in stored if name in tensors]
    if arguments.compare:
        with open(arguments.compare, encoding="utf-8") as file:
            other = json.load(file)
        other = other["losses"] if isinstance(other, dict) else other
    if other:
        if len(other) < len(losses):
            sys.exit(f"{len(losses)} steps here, {len(other)} losses to compare with")
        largest, step = max((abs(a - b), k) for k, (a, b) in enumerate(zip(losses, other)))
        print(
            f"{len(losses)} steps, largest difference of losses {largest:.3g} at step {step}", file=sys.stderr
        )
        if not largest <= arguments.tolerance:
            sys.exit(1)


if __name__ == "__main__":
    main()
