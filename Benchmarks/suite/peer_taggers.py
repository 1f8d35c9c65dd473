"""The same trained network in PyTorch, ONNX Runtime and OpenVINO, in the forms that are worth trying.

A peer gets sentences as arrays of numbers, made before its clock starts (Weft gets words, and looks them up itself). All
sentences of a batch are of one length, so that nobody computes padding, and character features are computed once for each
different word of a batch, as Weft does.
"""

import os
import sys
import warnings

import numpy as np
import torch
from safetensors.torch import load_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from tagger import CharacterCNN, Head  # noqa: E402

warnings.filterwarnings("ignore")
INPUTS = ("word", "form", "characters")


class Network(torch.nn.Module):
    """Scores [T x B x labels] of each task, from word and form [T x B] and characters [forms x longest]."""

    def __init__(self, checkpoint, tasks, mask_of=None):
        super().__init__()
        tensors = load_file(checkpoint)
        own = {name: value for name, value in tensors.items() if not name.startswith("masks.")}
        if mask_of is not None:
            for name, value in own.items():
                bits = tensors.get(f"masks.{mask_of}.{name}")
                if bits is not None:
                    flat = np.unpackbits(bits.numpy(), bitorder="little")[: value.numel()]
                    own[name] = value * torch.from_numpy(flat.reshape(value.shape).astype(np.float32))
        self.words = torch.nn.Embedding(*own["words.weight"].shape)
        filters, dim, width = own["chars.conv.weight"].shape
        self.chars = CharacterCNN(len(own["chars.embedding.weight"]), dim, filters, width)
        self.encoder = torch.nn.ModuleList()
        while f"encoder.{len(self.encoder)}.weight_ih_l0" in own:
            gates, inputs = own[f"encoder.{len(self.encoder)}.weight_ih_l0"].shape
            self.encoder.append(torch.nn.LSTM(inputs, gates // 4, bidirectional=True))
        heads = {task: Head(*reversed(own[f"heads.{task}.weight"].shape)) for task in tasks}
        self.heads = torch.nn.ModuleDict(heads)
        chosen = {name: own[name] for name in self.state_dict()}
        self.load_state_dict(chosen, strict=True)
        self.eval()

    def forward(self, word, form, characters):
        embedded = self.chars.embedding(characters).transpose(1, 2)
        convolved = self.chars.conv(embedded)
        convolved = convolved.masked_fill((characters == 0).unsqueeze(1), -1e4).amax(2)
        spelled = torch.relu(convolved)
        steps, rows = word.shape[0], word.shape[1]
        spelled = spelled.index_select(0, form.reshape(-1)).view(steps, rows, spelled.shape[1])
        x = torch.cat([self.words(word), spelled], 2)
        for layer in self.encoder:
            x = layer(x)[0]
        return tuple(head(x) for head in self.heads.values())


class PyTorch:
    """Eager, or traced and frozen; `precision` bf16 is autocast."""

    def __init__(self, network, precision="fp32", frozen=None):
        self.network = network
        self.precision = precision
        if frozen is not None:
            with torch.inference_mode():
                traced = torch.jit.trace(network, tuple(map(torch.from_numpy, frozen)), check_trace=False)
                self.network = torch.jit.freeze(traced)

    def prepare(self, batch):
        return tuple(map(torch.from_numpy, batch))

    def __call__(self, batch):
        with torch.inference_mode():
            if self.precision == "fp32":
                return self.network(*batch)
            with torch.autocast("cpu", torch.bfloat16):
                return self.network(*batch)

    def scores(self, batch):
        return [y.float().numpy() for y in self(batch)]


def export(network, path, example):
    """Writes the network as ONNX with all extents open."""
    dynamic = {"word": {0: "T", 1: "B"}, "form": {0: "T", 1: "B"}, "characters": {0: "F", 1: "C"}}
    outputs = [f"scores{i}" for i in range(len(network.heads))]
    dynamic |= {name: {0: "T", 1: "B"} for name in outputs}
    torch.onnx.export(
        network, tuple(map(torch.from_numpy, example)), path, input_names=list(INPUTS), output_names=outputs,
        opset_version=17, dynamo=False, dynamic_axes=dynamic,
    )  # fmt: skip


class OnnxRuntime:
    def __init__(self, path, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def prepare(self, batch):
        return dict(zip(INPUTS, batch))

    def __call__(self, batch):
        return self.session.run(None, batch)

    scores = __call__


def quantize(path, to):
    """Dynamic quantisation: int8 weights, activations quantised as they come."""
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)
    quantize_dynamic(path, to, weight_type=QuantType.QInt8)


class OpenVino:
    """With `shape` (T, B) compiled for it alone, which pays for single sentences."""

    def __init__(self, path, threads, precision, shape=None):
        import openvino

        model = openvino.Core().read_model(path)
        if shape is not None:
            model.reshape({"word": list(shape), "form": list(shape), "characters": [-1, -1]})
        names = {"fp32": "f32", "bf16": "bf16"}
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        settings["INFERENCE_PRECISION_HINT"] = names[precision]
        self.request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
        self.outputs = len(model.outputs)

    def prepare(self, batch):
        return dict(zip(INPUTS, batch))

    def __call__(self, batch):
        return self.request.infer(batch, share_inputs=True)

    def scores(self, batch):
        self(batch)
        return [np.array(self.request.get_output_tensor(i).data) for i in range(self.outputs)]


def contenders(network, folder, threads, example, lengths, quick=False):
    """-> {name: (precision, {length or None: peer})}: which form of a peer serves sentences of a length, and which (None)
    serves batches of any shape."""
    path, small = os.path.join(folder, "network.onnx"), os.path.join(folder, "network-int8.onnx")
    export(network, path, example)
    quantize(path, small)
    result = {}

    def add(name, precision, anything, by_length=None):
        result[name] = (precision, {None: anything, **(by_length or {})})

    add("PyTorch", "fp32", PyTorch(network))
    add("PyTorch, frozen", "fp32", PyTorch(network, frozen=example))
    if not quick:
        add("PyTorch bf16", "bf16", PyTorch(network, "bf16"))
    add("ONNX Runtime", "fp32", OnnxRuntime(path, threads))
    add("ONNX Runtime int8", "int8", OnnxRuntime(small, threads))
    for precision, name in (("fp32", "OpenVINO"), ("bf16", "OpenVINO bf16")):
        anything = OpenVino(path, threads, precision)
        add(name, precision, anything)
        if lengths:
            fixed = {n: OpenVino(path, threads, precision, (n, 1)) for n in lengths}
            add(f"{name}, fixed shapes", precision, anything, fixed)
    return result
