"""The network of soft sharing: a stack of layers for each task, mixed by learned weights (cross-stitch units: Misra
et al. 2016; with subspaces the α of sluice networks: Ruder et al. 2019)."""

import math

import torch
import torch.nn as nn

from tagger import Tagger


class Mixture(nn.Module):
    """h̃ = α h for the stacked subspaces h of several tasks' outputs. Subspace s of a bidirectional layer is the s-th
    part of its forward and of its backward units."""

    def __init__(self, tasks, subspaces=1):
        super().__init__()
        self.shape = (tasks, subspaces, tasks, subspaces)
        self.alpha = nn.Parameter(torch.eye(tasks * subspaces))

    def forward(self, outputs):
        """[tokens x 2H] of each task -> the same, mixed."""
        tokens, columns = outputs[0].shape
        subspaces = self.shape[1]
        h = torch.stack([x.reshape(tokens, 2, subspaces, columns // 2 // subspaces) for x in outputs])
        mixed = torch.einsum("psmt,mndtw->pndsw", self.alpha.view(self.shape), h)
        return [x.reshape(tokens, columns) for x in mixed]


class SoftTagger(Tagger):
    """A Tagger whose tasks share the token features only. Task t has `<t>.encoder.<k>` up to the layer that its head
    reads, `mix.<k>.alpha` is over the tasks that have layer k, in their order in `config`. Further keys of `config`:
    mix {subspaces}; for a task layers: mixture, so that its head reads the sum of its mixed layers times
    `heads.<t>.beta`."""

    def __init__(self, config, **options):
        super().__init__(config, **options)
        layers = self.encoder
        del self.encoder
        for name, top in self.layer_of.items():
            own = [nn.LSTM(x.input_size, x.hidden_size, bidirectional=True) for x in layers[: top + 1]]
            self.add_module(name, nn.ModuleDict({"encoder": nn.ModuleList(own)}))
        subspaces = config.get("mix", {}).get("subspaces", 1)
        self.mix = nn.ModuleList(Mixture(len(self.members(k)), subspaces) for k in range(self.depth))
        for name, task in config["tasks"].items():
            if task.get("layers") == "mixture":
                layers = self.layer_of[name] + 1
                self.heads[name].beta = nn.Parameter(torch.full((1, layers), 1 / layers))
        self.initialise()

    def members(self, k):
        """The tasks that have layer k."""
        return [name for name, top in self.layer_of.items() if top >= k]

    def update_set(self, task):
        """Whatever goes into a mixture that the task reads is trained by its steps."""
        names = []
        for name, _ in self.named_parameters():
            part = name.split(".")
            if part[0] == "heads":
                reached = part[1] == task
            elif part[0] == "mix":
                reached = int(part[1]) <= self.layer_of[task]
            elif part[0] in self.layer_of:
                reached = int(part[2]) <= self.layer_of[task]
            else:
                reached = True
            if reached:
                names.append(name)
        return names

    def layers_reached(self, task):
        """Names and modules of the layers that a step of a task trains."""
        for name, top in self.layer_of.items():
            for k in range(min(top, self.layer_of[task]) + 1):
                yield f"{name}.encoder.{k}", self.get_submodule(name)["encoder"][k]

    def subspaces_of(self, weight):
        """G_s of input weights [4H x in]: the rows of each subspace's units, for all four gates."""
        subspaces = self.mix[0].shape[1]
        gates = weight.view(4, subspaces, weight.shape[0] // 4 // subspaces, weight.shape[1])
        return [gates[:, s].reshape(-1, weight.shape[1]) for s in range(subspaces)]

    def orthogonality(self, layer):
        """Sum over directions and pairs of subspaces of |G_s G_t^T|^2."""
        total = 0.0
        for weight in (layer.weight_ih_l0, layer.weight_ih_l0_reverse):
            parts = self.subspaces_of(weight)
            for s, own in enumerate(parts):
                for other in parts[s + 1 :]:
                    total = total + (own @ other.T).square().sum()
        return total

    @torch.no_grad()
    def shrink(self, layer, step):
        """The proximal step of the group lasso: each subspace's input weights, of both directions, lose `step` of
        their norm."""
        subspaces = self.mix[0].shape[1]
        ways = [layer.weight_ih_l0, layer.weight_ih_l0_reverse]
        gates = [w.view(4, subspaces, w.shape[0] // 4 // subspaces, w.shape[1]) for w in ways]
        for s in range(subspaces):
            norm = math.sqrt(sum(g[:, s].square().sum().item() for g in gates))
            for g in gates:
                g[:, s] *= max(0.0, 1 - step / norm) if norm > 0 else 0.0

    def layer_sites(self, task):
        sites = [(k, name) for k in range(self.layer_of[task]) for name in self.members(k + 1)]
        return [(f"{name}.dropout.encoder.{k}", 2 * self.config["encoder"][k]) for k, name in sites]

    def output_site(self, task):
        if self.config["tasks"][task].get("layers") == "mixture":
            return f"{task}.dropout.output"
        return f"{task}.{super().output_site(task)}"

    def encode(self, x, batch, tasks, inject, trace):
        """What each task's head reads."""
        grid, drop = batch.token_grid, self.config["dropout"]
        current, outputs = {name: x for name in self.layer_of}, {}
        read = {name: [] for name in self.layer_of}
        for k in range(max(self.layer_of[t] for t in tasks) + 1):
            members, layer = self.members(k), []
            for name in members:
                y = current[name]
                if k:
                    site = f"{name}.dropout.encoder.{k - 1}"
                    y = self._drop(y, site, drop.get("layers", 0.0), inject, grid)
                layer.append(self.run_lstm(self.get_submodule(name)["encoder"][k], y, grid))
            mixed = self.mix[k](layer)
            for name, own, y in zip(members, layer, mixed):
                current[name] = y
                read[name].append(y)
                if trace is not None:
                    trace[f"{name}.encoder.{k}"] = own
                    trace[f"{name}.encoder.{k}.mixed"] = y
        for task in tasks:
            beta = getattr(self.heads[task], "beta", None)
            outputs[task] = current[task]
            if beta is not None:
                outputs[task] = sum(weight * y for weight, y in zip(beta[0], read[task]))
                if trace is not None:
                    trace[f"heads.{task}.layers"] = outputs[task]
        return outputs
