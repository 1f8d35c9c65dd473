"""Loads the LSTMs of a Weft checkpoint into torch.nn.LSTM and checks what they compute.

    .venv/bin/python load_lstm.py runs/ewt-hard

The argument is a checkpoint or the folder of a run. Every LSTM in it (encoder layers, character LSTMs, also those of
single-task networks) is loaded with strict=True, so that a tensor that is missing, left over or of another shape is an
error. Then each direction runs on random sequences, and is compared with the LSTM's equations computed in NumPy from
the tensors of the file, gates in the order input, forget, cell, output. Exit status 1 if they differ.
"""

import argparse
import os
import sys

import numpy as np
import torch
from safetensors.numpy import load_file

STEPS, SEQUENCES = 7, 3
MARK = "weight_ih_l0"
DIRECTIONS = {"forward": "", "reverse": "_reverse"}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def equations(tensors, direction, x):
    """One direction in float64: [steps x sequences x in] -> [steps x sequences x hidden]."""
    suffix = DIRECTIONS[direction]
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    w_ih, w_hh, b_ih, b_hh = (tensors[f"{part}_l0{suffix}"].astype(np.float64) for part in parts)
    hidden = w_hh.shape[1]
    h = c = np.zeros((x.shape[1], hidden))
    result = np.empty((x.shape[0], x.shape[1], hidden))
    times = range(len(x)) if direction == "forward" else reversed(range(len(x)))
    for t in times:
        i, f, g, o = np.split(x[t] @ w_ih.T + b_ih + h @ w_hh.T + b_hh, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        result[t] = h
    return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()
    path = arguments.checkpoint
    if os.path.isdir(path):
        path = os.path.join(path, "model.safetensors")
    tensors = load_file(path)
    prefixes = sorted(name[: -len(MARK)] for name in tensors if name.endswith("." + MARK))
    if not prefixes:
        sys.exit(f"{path}: no tensor is named *.{MARK}")

    failed = False
    random = np.random.default_rng(1)
    for prefix in prefixes:
        own = {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
        hidden = own["weight_hh_l0"].shape[1]
        columns = own[MARK].shape[1]
        lstm = torch.nn.LSTM(columns, hidden, bidirectional=True)
        lstm.load_state_dict({name: torch.from_numpy(value) for name, value in own.items()}, strict=True)
        x = random.standard_normal((STEPS, SEQUENCES, columns)).astype(np.float32)
        with torch.no_grad():
            y = lstm(torch.from_numpy(x))[0].numpy()
        for k, direction in enumerate(DIRECTIONS):
            expected = equations(own, direction, x.astype(np.float64))
            difference = np.abs(y[:, :, k * hidden : (k + 1) * hidden] - expected).max()
            fits = difference <= arguments.tolerance
            failed |= not fits
            print(
                f"{prefix[:-1]} {direction}: {columns} -> {hidden}, loaded; "
                f"largest difference {difference:.1e}{'' if fits else ', too large'}"
            )
    sys.exit(failed)


if __name__ == "__main__":
    main()
