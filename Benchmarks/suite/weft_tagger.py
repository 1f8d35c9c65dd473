"""A package of `weft package`, compiled with driver.c and called through it."""

import ctypes
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


class Text(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_char_p), ("count", ctypes.c_size_t)]


def compiled(folder):
    """-> path of a shared library of the package in `folder` and the driver."""
    name = os.path.basename(folder)
    library = os.path.join(folder, "driver.so")
    source = os.path.join(HERE, "driver.c")
    if os.path.exists(library) and os.path.getmtime(library) > os.path.getmtime(source):
        return library
    prefix = "".join(c if c.isalnum() else "_" for c in name)
    command = [os.environ.get("CC", "clang"), "-std=gnu11", "-O2", "-ffp-contract=off", "-fPIC", "-shared", "-I", folder]
    command += [f'-DTAGGER="{name}.h"', f"-DPREFIX={prefix}", source, os.path.join(folder, f"{name}.c")]
    done = subprocess.run([*command, "-o", library, "-lm", "-lpthread"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the package {name} does not compile:\n{done.stderr}")
    return library


class Sentences:
    """Sentences in the form that the driver takes."""

    def __init__(self, sentences):
        words = [word.encode() for sentence in sentences for word in sentence]
        self.words = (Text * len(words))(*[Text(word, len(word)) for word in words])
        self.lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int32)
        self.count = len(sentences)
        self.tokens = len(words)

    @property
    def arguments(self):
        return self.words, self.lengths.ctypes.data_as(ctypes.POINTER(ctypes.c_int32)), self.count


class WeftTagger:
    """Weights stay in the package's folder; `tokens` and `batch` bound a sentence and a call."""

    def __init__(self, folder, labels, threads=1, tokens=256, batch=64):
        self.library = ctypes.CDLL(compiled(folder))
        self.library.driver_open.restype = ctypes.c_void_p
        self.library.driver_isa.restype = ctypes.c_char_p
        self.library.driver_time_bulk.restype = ctypes.c_double
        weights = os.path.join(folder, os.path.basename(folder) + ".weights")
        handle = self.library.driver_open(weights.encode(), threads, tokens, batch)
        if not handle:
            sys.exit(f"{weights} cannot be opened")
        self.handle = ctypes.c_void_p(handle)
        self.labels = labels  # number of labels of each task
        self.tasks = ctypes.c_uint64((1 << len(labels)) - 1)

    @property
    def isa(self):
        return self.library.driver_isa(self.handle).decode()

    def close(self):
        self.library.driver_close(self.handle)

    def tag(self, sentences, task=0, size=32):
        """-> scores [tokens x labels] and labels [tokens] of a list of sentences."""
        scores, labels = [], []
        for start in range(0, len(sentences), size):
            part = Sentences(sentences[start : start + size])
            own = np.zeros((part.tokens, self.labels[task]), dtype=np.float32)
            best = np.zeros(part.tokens, dtype=np.int32)
            status = self.library.driver_tag(
                self.handle, *part.arguments, self.tasks, task, own.ctypes.data_as(ctypes.c_void_p),
                best.ctypes.data_as(ctypes.c_void_p),
            )
            if status:
                sys.exit(f"tagging failed with status {status}")
            scores.append(own)
            labels.append(best)
        return np.concatenate(scores), np.concatenate(labels)

    def time_sentences(self, sentences, calls):
        """-> seconds of each of `calls` calls of one sentence."""
        taken = np.zeros(calls)
        status = self.library.driver_time_sentences(
            self.handle, *sentences.arguments, self.tasks, calls, taken.ctypes.data_as(ctypes.c_void_p)
        )
        if status:
            sys.exit(f"tagging failed with status {status}")
        return taken

    def time_bulk(self, sentences, batch):
        """-> seconds for all sentences."""
        taken = self.library.driver_time_bulk(self.handle, *sentences.arguments, batch, self.tasks)
        if taken < 0:
            sys.exit("tagging failed")
        return taken
