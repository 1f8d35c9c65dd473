"""Taggers of the suite: their specs, and what Weft makes of them, kept in runs/ for the next time."""

import dataclasses
import hashlib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.path.join(ROOT, "Examples", "data", "ewt")
RUNS = os.path.join(HERE, "runs")
WEFT = os.environ.get("WEFT", os.path.join(ROOT, ".build", "optimised", "release", "weft"))
TASK_COLUMNS = {"upos": 1, "xpos": 2, "ner": 3, "deprel": 5}


@dataclasses.dataclass(frozen=True)
class Tagger:
    """A network of words 100 + character CNN 30 and BiLSTMs; the defaults are Exp1 of Sun et al. (2020)."""

    name: str
    hidden: int = 200
    layers: int = 1
    tasks: tuple = ("upos",)
    decoder: str = "softmax"
    masks: str = ""  # YAML of `sharing.masks`
    kind: str = "hard"  # of sharing

    def spec(self, sentences=None, **training):
        """The spec as YAML. `sentences`: how many of the training corpus, all if None."""
        settings = {"rate": 0.1, "decay": 0.05, "batch": 10, "epochs": 1, "patience": "none", "threads": 1}
        settings |= training
        encoder = ", ".join([f"{{hidden: {self.hidden}}}"] * self.layers)
        tasks = "\n".join(f"  {task}: {self.task(task)}" for task in self.tasks)
        columns = ", ".join(f"{task}: {TASK_COLUMNS[task]}" for task in self.tasks)
        sharing = f"{{kind: {self.kind}" + (f", masks: {self.masks}" if self.masks else "") + "}"
        return f"""weft: 1
name: {self.name}
seed: 1
data:
  ewt:
    train: {training_file(sentences)}
    dev: {os.path.join(DATA, "dev.conll")}
    columns: {{word: 0, {columns}}}
tasks:
{tasks}
network:
  words: {{dim: 100, lowercase: true, unk-dropout: 0.01}}
  chars: {{kind: cnn, dim: 30, filters: 30, width: 3}}
  encoder: [{encoder}]
  dropout: {{input: 0.5, output: 0.5}}
sharing: {sharing}
train:
  optimizer: {{kind: sgd, momentum: 0.9}}
  clip: {{norm: 5}}
""" + "".join(f"  {key}: {value}\n" for key, value in settings.items())

    def task(self, task):
        keys = [f"column: {task}"]
        if task == "ner":
            keys.append("scheme: {data: bio, model: bioes}")
        if self.decoder == "crf":
            keys.append("decoder: crf")
        return "{" + ", ".join(keys) + "}"

    def write_spec(self, sentences=None, **training):
        """-> path of the spec; equal specs have equal paths."""
        text = self.spec(sentences, **training)
        return write(os.path.join("specs", f"{self.name}-{digest(text)}.yaml"), text)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def write(relative, content):
    path = os.path.join(RUNS, relative)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    os.replace(path + ".new", path)
    return path


def training_file(sentences):
    """The training corpus, or its first sentences in a file of their own."""
    whole = os.path.join(DATA, "train.conll")
    if sentences is None:
        return whole
    path = os.path.join(RUNS, "data", f"train-{sentences}.conll")
    if not os.path.exists(path):
        with open(whole, encoding="utf-8") as file:
            parts = file.read().split("\n\n")
        write(os.path.join("data", f"train-{sentences}.conll"), "\n\n".join(parts[:sentences]) + "\n\n")
    return path


def weft(*arguments):
    """Runs the program; its output is shown only if it fails."""
    done = subprocess.run([WEFT, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"weft {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def version():
    """What the taggers were made by: another program makes them anew."""
    status = os.stat(WEFT)
    return f"{status.st_size}-{int(status.st_mtime)}"


def trained(tagger, sentences=None, epochs=1):
    """-> (spec, folder of a run) of a trained model."""
    spec = tagger.write_spec(sentences, epochs=epochs, threads=2)
    folder = os.path.join(RUNS, "models", f"{tagger.name}-{digest(open(spec).read())}")
    if not os.path.exists(os.path.join(folder, "model.safetensors")):
        weft("train", spec, "-o", folder, "--replace", "--quiet")
    return spec, folder


def packaged(tagger, weights, sentences=None, epochs=1, costs=None):
    """-> folder of the package of a trained model with these weights (fp32, bf16, int8); `costs`: a table of costs."""
    spec, run = trained(tagger, sentences, epochs)
    made = f"{os.path.basename(run)}-{weights}-{version()}"
    options = []
    if costs:
        made += "-" + digest(open(costs, encoding="utf-8").read())
        options = ["--costs", costs]
    folder = os.path.join(RUNS, "packages", made, tagger.name)
    if not os.path.exists(os.path.join(folder, f"{tagger.name}.c")):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        weft("package", spec, "--checkpoint", run, "--weights", weights, "--only", "c", *options, "-o", folder)
    return folder
