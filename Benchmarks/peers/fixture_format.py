"""Safetensors files that hold a network's parameters and a run of training steps in the packed layout.

Names: `param.<name>`; for step k `batch.<k>.<input>` (int32: word, form, character, feature.<name>,
label.<task>, sentence, token_offset, scalar_offset), `inject.<k>.<site>` (float32); `steps.task` (int32
[steps], the index into the metadata's tasks), `steps.rate` (float64 [steps]), `steps.epoch` (int32 [steps]).
Metadata are text: `spec` (YAML), `network` and `recipe` (JSON, the keys of tagger.Tagger and optimizer()
below), `tasks` and `sizes` (JSON).
"""

import json
import os
import struct

import numpy as np
import torch

from soft_tagger import SoftTagger
from tagger import Batch, Tagger

_CODES = {"float64": "F64", "float32": "F32", "int64": "I64", "int32": "I32"}


def write(path, tensors, metadata):
    """Safetensors with sorted names and metadata, so that equal content gives equal bytes (the library's
    own writer leaves the order of the metadata open). Wider types come first, which keeps all aligned.
    A scalar becomes a vector of one element."""
    arrays = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    header, start = {"__metadata__": dict(sorted(metadata.items()))}, 0
    for name in order:
        a = arrays[name]
        header[name] = {
            "dtype": _CODES[a.dtype.name],
            "shape": list(a.shape),
            "data_offsets": [start, start + a.nbytes],
        }
        start += a.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    temporary = path + ".partial"
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            file.write(arrays[name].tobytes())
    os.replace(temporary, path)


def read(path):
    """-> (tensors, metadata) as numpy arrays and text."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def int32(values):
    return np.asarray(values, dtype=np.int32)


def batch_tensors(k, batch):
    """A Batch as the tensors of step k."""
    inputs = {
        "word": batch.word,
        "form": batch.form,
        "character": batch.character,
        "token_offset": batch.token_offset,
        "scalar_offset": batch.scalar_offset,
        "sentence": batch.sentence,
    }
    inputs.update({f"feature.{name}": ids for name, ids in batch.features.items()})
    inputs.update({f"label.{name}": ids for name, ids in batch.labels.items()})
    return {f"batch.{k}.{name}": int32(value) for name, value in inputs.items()}


def step_batch(tensors, k):
    """The Batch of step k. Files of networks without characters may leave form, character and their
    offsets out."""
    prefix = f"batch.{k}."
    inputs = {
        n[len(prefix) :]: torch.from_numpy(v).long() for n, v in tensors.items() if n.startswith(prefix)
    }

    def group(kind):
        return {n[len(kind) + 1 :]: v for n, v in inputs.items() if n.startswith(kind + ".")}

    none = torch.zeros(0, dtype=torch.int64)
    return Batch(
        word=inputs["word"],
        form=inputs.get("form", none),
        character=inputs.get("character", none),
        token_offset=inputs["token_offset"].tolist(),
        scalar_offset=inputs["scalar_offset"].tolist() if "scalar_offset" in inputs else [0],
        labels=group("label"),
        features=group("feature"),
        sentence=inputs.get("sentence"),
    )


def step_injection(tensors, k, dtype, sharing="hard"):
    """Site -> values of step k, without the prefix of a task's own network."""
    prefix = f"inject.{k}."
    found = {}
    for name, value in tensors.items():
        if name.startswith(prefix):
            site = name[len(prefix) :]
            for kind in ("dropout.", "noise."):
                if sharing == "single" and kind in site:
                    site = site[site.index(kind) :]
            found[site] = torch.from_numpy(value).to(dtype)
    return found


class Networks:
    """Taggers with Weft's names: one for all tasks, or with single-task sharing one for each, whose shared
    parameters then carry the task's name in front. With soft sharing the order of the tasks is that of the rows of α."""

    def __init__(self, config, sharing, dtype=torch.float64):
        self.separate = sharing == "single"
        if self.separate:
            self.of = {name: Tagger({**config, "tasks": {name: t}}) for name, t in config["tasks"].items()}
        else:
            network = SoftTagger(config) if sharing == "soft" else Tagger(config)
            self.of = {name: network for name in config["tasks"]}
        for network in self.of.values():
            network.to(dtype)

    def name(self, task, name):
        return f"{task}.{name}" if self.separate and not name.startswith("heads.") else name

    def parameters(self):
        """Weft's name -> parameter."""
        return {self.name(t, n): p for t, network in self.of.items() for n, p in network.named_parameters()}

    @torch.no_grad()
    def load(self, values):
        """Weft's name -> array, every parameter and no other."""
        parameters = self.parameters()
        if parameters.keys() != values.keys():
            raise ValueError(f"parameters missing or too many: {sorted(parameters.keys() ^ values.keys())}")
        for name, p in parameters.items():
            value = torch.from_numpy(values[name])
            if value.shape != p.shape:
                raise ValueError(f"{name} has shape {tuple(value.shape)}, the network {tuple(p.shape)}")
            p.copy_(value)


def optimizer(recipe, parameters):
    """The optimiser that `recipe` {optimizer: sgd|adam|adamw, momentum, nesterov, weight_decay, betas, eps,
    clip} asks for. The rate is set step by step."""
    kind = recipe.get("optimizer", "sgd")
    decay = recipe.get("weight_decay", 0.0)
    if kind == "sgd":
        return torch.optim.SGD(
            parameters,
            lr=0.0,
            momentum=recipe.get("momentum", 0.9),
            nesterov=recipe.get("nesterov", False),
            weight_decay=decay,
        )
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind](
        parameters,
        lr=0.0,
        betas=tuple(recipe.get("betas", (0.9, 0.999))),
        eps=recipe.get("eps", 1e-8),
        weight_decay=decay,
    )


class Steps:
    """Ordinary dense PyTorch training steps, one task each. `networks` maps every task to its Tagger: one
    object for all with hard sharing, one object each with single-task sharing."""

    def __init__(self, networks, recipe):
        self.networks, self.recipe = networks, recipe
        # Updates of each layer so far, for penalties that are added now and then.
        self.updates = {}
        distinct = list({id(n): n for n in networks.values()}.values())
        self.optimizer = optimizer(recipe, [p for n in distinct for p in n.parameters()])

    def gradients(self, batch, task, inject):
        """-> (loss as float, norm before clipping, names of the update set); gradients stay on the
        parameters, unclipped, and are None outside the update set."""
        network = self.networks[task]
        network.train()
        self.optimizer.zero_grad(set_to_none=True)
        loss = network.loss(batch, task, inject)
        if loss is None:
            return 0.0, 0.0, []
        (loss + self.penalty(network, task)).backward()
        for name, parameter in network.named_parameters():
            # Sentences of one token have no transitions: their gradient is zero, not absent.
            if name == f"heads.{task}.transitions" and parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        names = [n for n, p in network.named_parameters() if p.grad is not None]
        if sorted(names) != sorted(network.update_set(task)):
            raise AssertionError(f"update set of {task}: autograd reached {names}")
        named = dict(network.named_parameters())
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(named[n].grad) for n in names]))
        return loss.item(), norm.item(), names

    def penalty(self, network, task):
        """lambda times the orthogonality penalty of the layers that are trained; at every n-th update of a layer, n
        times as strong."""
        settings = self.recipe.get("penalties", {}).get("orthogonality")
        if settings is None:
            return 0.0
        every = settings.get("every", 1)
        return settings["weight"] * every * sum(
            network.orthogonality(layer)
            for name, layer in network.layers_reached(task)
            if self.updates.get(name, 0) % every == 0
        )

    def apply(self, task, rate):
        parameters = [p for p in self.networks[task].parameters() if p.grad is not None]
        if not parameters:
            return
        clip = self.recipe.get("clip", {"norm": 5.0})
        if "norm" in clip:
            torch.nn.utils.clip_grad_norm_(parameters, clip["norm"])
        if "value" in clip:
            torch.nn.utils.clip_grad_value_(parameters, clip["value"])
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        if "penalties" in self.recipe:
            lasso = self.recipe["penalties"].get("group_lasso")
            for name, layer in self.networks[task].layers_reached(task):
                self.updates[name] = self.updates.get(name, 0) + 1
                if lasso is not None:
                    self.networks[task].shrink(layer, rate * lasso)
