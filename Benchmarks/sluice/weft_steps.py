"""A generated training library, called step by step from Python."""

import ctypes
import math
import os
import subprocess

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = os.path.join(HERE, "..", "..", "Sources", "CWeftABI")
ABI = 2
ALIGNMENT = 64


class Extent(ctypes.Structure):
    _fields_ = [
        (n, ctypes.c_int32)
        for n in ("sentences", "tokens", "forms", "scalars", "longest_sentence", "longest_form")
    ]


class Batch(ctypes.Structure):
    _fields_ = [
        ("extent", Extent),
        ("token_offsets", ctypes.c_void_p),
        ("scalar_offsets", ctypes.c_void_p),
        ("sentence_ids", ctypes.c_void_p),
        ("inputs", ctypes.POINTER(ctypes.c_void_p)),
    ]


class Threads(ctypes.Structure):
    _fields_ = [("parallel", ctypes.c_void_p), ("context", ctypes.c_void_p)]


class Parameter(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("offset", ctypes.c_uint64), ("rows", ctypes.c_uint32)]
    _fields_ += [("columns", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("tasks", ctypes.c_uint64)]


class Input(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("rows", ctypes.c_int), ("limit", ctypes.c_int32)]


class Tables(ctypes.Structure):
    _fields_ = [(n, ctypes.c_char_p) for n in ("name", "tool_version", "architecture_hash", "instruction_sets")]
    _fields_ += [(n + "_count", ctypes.c_uint32) for n in ("parameter", "input", "task", "site")]
    _fields_ += [("parameters", ctypes.POINTER(Parameter)), ("inputs", ctypes.POINTER(Input))]
    _fields_ += [("tasks", ctypes.c_void_p), ("sites", ctypes.c_void_p)]
    _fields_ += [("parameter_floats", ctypes.c_uint64), ("prunable_weights", ctypes.c_uint64)]


class Update(ctypes.Structure):
    _fields_ = [("optimizer", ctypes.c_int), ("nesterov", ctypes.c_int32), ("dense", ctypes.c_int32)]
    _fields_ += [
        (n, ctypes.c_float) for n in ("rate", "momentum", "decay", "beta1", "beta2", "epsilon", "scale", "clip")
    ]
    _fields_ += [("ignore_masks", ctypes.c_int32)]


class Random(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in ("seed", "task", "step")]
    _fields_ += [("is_off", ctypes.c_int32), ("injected", ctypes.c_void_p)]


# The functions of weft_training that are used, by their place behind `abi` and `tables`.
FUNCTIONS = {
    "trainer_size": (0, ctypes.c_size_t, [ctypes.c_int32, ctypes.c_int32]),
    "trainer_init": (1, ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32, ctypes.c_int32]
                     + [ctypes.c_char_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]),
    "trainer_isa": (2, ctypes.c_char_p, [ctypes.c_void_p]),
    "parameters": (3, ctypes.POINTER(ctypes.c_float), [ctypes.c_void_p]),
    "changed": (12, None, [ctypes.c_void_p]),
    "workspace_size": (14, ctypes.c_size_t, [ctypes.c_void_p]),
    "forward": (15, ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
                + [ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]),
    "backward": (16, ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64]
                 + [ctypes.c_void_p, ctypes.c_int32]),
    "zero": (17, None, [ctypes.c_void_p, ctypes.c_int32]),
    "sum_of_squares": (18, ctypes.c_double, [ctypes.c_void_p, ctypes.c_int32, ctypes.c_uint64]),
    "apply": (21, ctypes.c_int, [ctypes.c_void_p, ctypes.c_int32, ctypes.c_uint64, ctypes.c_void_p]),
}


def compiled(weft, spec, name, folder, overrides=()):
    """Generates the training code of a spec and compiles it -> path of the library."""
    sets = [word for override in (*overrides, f"name={name}") for word in ("--set", override)]
    subprocess.run([weft, "generate", spec, *sets, "-o", folder], check=True, stdout=subprocess.DEVNULL)
    library = os.path.join(folder, name + ".so")
    command = [os.environ.get("CC", "clang"), "-std=gnu11", "-O2", "-ffp-contract=off", "-fPIC", "-shared"]
    host = [os.path.join(HOST, "team.c"), os.path.join(HOST, "cpu.c"), "-I", os.path.join(HOST, "include")]
    source = os.path.join(folder, name + "-train.c")
    subprocess.run([*command, source, *host, "-o", library, "-lm", "-lpthread"], check=True)
    return library


def aligned(size):
    memory = np.zeros(size + ALIGNMENT, dtype=np.uint8)
    return memory, memory.ctypes.data + -memory.ctypes.data % ALIGNMENT


class WeftSteps:
    """Steps of stochastic gradient descent with clipping by norm. `parameters` by name; batches are those of
    fixture_format.batch_tensors."""

    def __init__(self, library, name, parameters, threads=1, clip=5.0):
        handle = ctypes.CDLL(library)
        query = getattr(handle, f"weft_{name}_train")
        query.restype, query.argtypes = ctypes.c_void_p, [ctypes.c_uint32]
        table = query(ABI)
        if not table:
            raise RuntimeError(f"{library} has another ABI")
        words = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))
        self.tables = ctypes.cast(words[1], ctypes.POINTER(Tables)).contents
        self.functions = {
            key: ctypes.CFUNCTYPE(result, *arguments)(words[2 + place])
            for key, (place, result, arguments) in FUNCTIONS.items()
        }
        self.clip, self.handle = clip, handle
        size = self.functions["trainer_size"](1, 0)
        self.memory, address = aligned(size)
        team = None
        if threads > 1:
            handle.weft_team_create.restype = ctypes.c_void_p
            context = handle.weft_team_create(threads)
            team = Threads(ctypes.cast(handle.weft_team_parallel, ctypes.c_void_p).value, context)
        trainer = ctypes.c_void_p()
        self._call("trainer_init", address, size, 1, 0, None, ctypes.byref(team) if team else None,
                   ctypes.byref(trainer))
        self.trainer = trainer
        self.isa = self.functions["trainer_isa"](trainer).decode()
        block = np.ctypeslib.as_array(self.functions["parameters"](trainer), (self.tables.parameter_floats,))
        for parameter in self.tables.parameters[: self.tables.parameter_count]:
            value = parameters[parameter.name.decode()].reshape(-1)
            block[parameter.offset : parameter.offset + value.size] = value
        self.functions["changed"](trainer)
        self.workspace, self.workspace_size = None, 0
        self.losses = np.zeros(self.tables.task_count)
        self.seeds = np.ones(self.tables.task_count, dtype=np.float32)

    def _call(self, name, *arguments):
        status = self.functions[name](*arguments)
        if status:
            raise RuntimeError(f"{name}: status {status}")

    def prepare(self, tensors, k):
        """The batch of step k in the form of the ABI, with what keeps its memory."""
        inputs = {n.split(".", 2)[2]: v for n, v in tensors.items() if n.startswith(f"batch.{k}.")}
        kept = {n: np.ascontiguousarray(v, dtype=np.int32) for n, v in inputs.items()}
        tokens, scalars = kept["token_offset"], kept["scalar_offset"]
        extent = Extent(
            tokens[1], tokens[-1], scalars[1], scalars[-1], len(tokens) - 1, len(scalars) - 1)
        names = [i.name.decode() for i in self.tables.inputs[: self.tables.input_count]]
        for name in names:  # labels of tasks that the step does not train
            kept.setdefault(name, np.full(tokens[-1], -1, dtype=np.int32))
        pointers = (ctypes.c_void_p * len(names))(*[kept[n].ctypes.data for n in names])
        batch = Batch(extent, tokens.ctypes.data, scalars.ctypes.data, kept["sentence"].ctypes.data, pointers)
        needed = self.functions["workspace_size"](ctypes.byref(batch.extent))
        if needed > self.workspace_size:
            self.workspace, self.workspace_address = aligned(needed)
            self.workspace_size = needed
        return batch, (kept, pointers)

    def step(self, batch, task, rate, number, injected=None):
        """-> the loss of the task."""
        bits, reference = 1 << task, ctypes.byref(batch)
        random = Random(1, task, number, 0, injected)
        self._call("forward", self.trainer, self.workspace_address, self.workspace_size, reference, bits,
                   ctypes.byref(random), self.losses.ctypes.data)
        self.functions["zero"](self.trainer, 0)
        self._call("backward", self.trainer, self.workspace_address, reference, bits, self.seeds.ctypes.data, 0)
        norm = math.sqrt(self.functions["sum_of_squares"](self.trainer, 0, bits))
        update = Update(rate=rate, scale=min(1.0, self.clip / (norm + 1e-6)), clip=math.inf)
        self._call("apply", self.trainer, 0, bits, ctypes.byref(update))
        return self.losses[task]
