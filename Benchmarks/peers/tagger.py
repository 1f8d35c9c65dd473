"""The contracted tagger network in PyTorch.

Parameter names and shapes equal those of a Weft checkpoint, so `load_state_dict(..., strict=True)` moves
weights either way. All values are in Weft's packed layout (no padding): sentences longest first, token rows
time-major (`token_offset[t] ..< token_offset[t+1]` are the tokens at position t), forms (the distinct
spellings of the batch) longest first with their scalars time-major over forms.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import _VF

UNKNOWN = 1  # id 0 is padding
UNLABELLED = -1


class Batch:
    """One batch in the packed layout. Integer tensors are int64; N tokens, S sentences, C scalars."""

    def __init__(
        self, word, form, character, token_offset, scalar_offset, labels, features=None, sentence=None
    ):
        self.word = word  # [N] row of the word table
        self.form = form  # [N] index of the form
        self.character = character  # [C] row of the character table
        self.token_offset = token_offset  # [longest sentence + 1], a list
        self.scalar_offset = scalar_offset  # [longest form + 1], a list
        self.labels = labels  # task -> [N] label ids, -1 = unlabelled
        self.features = features or {}  # name -> [N]
        self.sentence = sentence  # [S] id of the sentence in its corpus
        self.tokens = len(word)
        self.sentences = token_offset[1] if len(token_offset) > 1 else 0
        self.forms = scalar_offset[1] if len(scalar_offset) > 1 else 0

    def _once(self, name, make):
        if name not in self.__dict__:
            self.__dict__[name] = make()
        return self.__dict__[name]

    def prepare(self):
        """Makes the index tensors now rather than when they are first read."""
        return self.token_grid, self.scalar_grid

    @property
    def token_grid(self):
        return self._once("_token_grid", lambda: Grid(self.token_offset))

    @property
    def scalar_grid(self):
        return self._once("_scalar_grid", lambda: Grid(self.scalar_offset))


class Grid:
    """Row numbers that lead from a packed matrix to padded ones and back."""

    def __init__(self, offset):
        sizes = [b - a for a, b in zip(offset, offset[1:])]
        rows, steps = (sizes[0] if sizes else 0), len(sizes)
        self.batch_sizes = torch.tensor(sizes, dtype=torch.int64)
        self.rows, self.steps = rows, steps
        total = offset[-1]
        step_of = torch.repeat_interleave(torch.arange(steps), self.batch_sizes)
        row_of = torch.arange(total) - torch.tensor(offset[:-1], dtype=torch.int64)[step_of]
        lengths = torch.bincount(row_of, minlength=rows)
        self.step_of, self.row_of, self.lengths = step_of, row_of, lengths
        reversed_step = lengths[row_of] - 1 - step_of
        # Cells [steps x rows] flattened; absent cells name row `total`, which callers append as zeros.
        packed = torch.arange(total)
        self.cell = step_of * rows + row_of
        self.reversed_cell = reversed_step * rows + row_of
        self.from_packed = torch.full((steps * rows,), total, dtype=torch.int64)
        self.from_packed[self.cell] = packed
        self.from_packed_reversed = torch.full((steps * rows,), total, dtype=torch.int64)
        self.from_packed_reversed[self.reversed_cell] = packed

    def pad(self, x, reverse=False):
        """[total x columns] -> [steps, rows, columns], zeros where a row has ended."""
        extended = F.pad(x, (0, 0, 0, 1))
        index = self.from_packed_reversed if reverse else self.from_packed
        return extended.index_select(0, index).view(self.steps, self.rows, x.shape[1])

    def unpad(self, x, reverse=False):
        return x.reshape(self.steps * self.rows, -1).index_select(
            0, self.reversed_cell if reverse else self.cell
        )


def lstm_packed(lstm, x, grid):
    """A one-layer bidirectional nn.LSTM over the packed rows as they lie: [total x in] -> [total x 2H]."""
    zeros = x.new_zeros(2, grid.rows, lstm.hidden_size)
    return _VF.lstm(
        x, grid.batch_sizes, (zeros, zeros), lstm._flat_weights, True, 1, 0.0, lstm.training, True
    )


def lstm_padded(lstm, x, grid):
    """The same function over padded tensors, one one-way LSTM per direction: what PyTorch hands to oneDNN.
    The backward direction reads each sentence turned round on its own length, so the result is the same."""
    zeros = x.new_zeros(1, grid.rows, lstm.hidden_size)
    ways = []
    for reverse in (False, True):
        weights = lstm._flat_weights[4:] if reverse else lstm._flat_weights[:4]
        y = _VF.lstm(
            grid.pad(x, reverse), (zeros, zeros), weights, True, 1, 0.0, lstm.training, False, False
        )[0]
        ways.append(grid.unpad(y, reverse))
    return torch.cat(ways, 1)


def byte_dropout(x, rate):
    """F.dropout for rates that are multiples of 1/256, from eight random bytes a draw: PyTorch's own draws
    one Bernoulli number an element, which takes a tenth of a training step."""
    threshold = round(256 * rate)
    if threshold != 256 * rate:
        raise ValueError(f"byte_dropout: {rate} is no multiple of 1/256")
    words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    keep = words.view(torch.uint8)[: x.numel()].view(x.shape) >= threshold
    return x * keep.to(x.dtype).mul_(1 / (1 - rate))


class CharacterCNN(nn.Module):
    """Embedding, convolution with (width-1)/2 zeros on each side, ReLU, maximum over real positions."""

    def __init__(self, vocabulary, dim, filters, width, relu=True):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, dim)
        self.conv = nn.Conv1d(dim, filters, width, padding=(width - 1) // 2)
        self.relu = relu
        self.columns = filters

    def forward(self, batch):
        grid = batch.scalar_grid
        x = grid.pad(self.embedding(batch.character))  # [steps, forms, dim]
        y = self.conv(x.permute(1, 2, 0))  # [forms, filters, steps]
        present = torch.arange(grid.steps) < grid.lengths.unsqueeze(1)
        y = y.masked_fill(~present.unsqueeze(1), -math.inf).amax(2)
        # ReLU is monotone: after the maximum it is the same function on fewer numbers. Where the maximum is
        # not above zero the gradient is zero either way.
        return torch.relu(y) if self.relu else y


class CharacterBiLSTM(nn.Module):
    """Final forward state ++ final backward state of a one-layer bidirectional LSTM over each form."""

    def __init__(self, vocabulary, dim, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, dim)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True)
        self.columns = 2 * hidden

    def forward(self, batch):
        _, h, _ = lstm_packed(self.lstm, self.embedding(batch.character), batch.scalar_grid)
        return torch.cat([h[0], h[1]], 1)


class Head(nn.Linear):
    """Scores of one task: hidden layers (an MLP, if any), then Linear; CRF parameters live here too."""

    def __init__(self, inputs, labels, mlp=(), activation="relu", crf=False, smoothing=0.0):
        widths = [inputs, *mlp]
        super().__init__(widths[-1], labels)
        if mlp:
            self.mlp = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.activation = {"relu": torch.relu, "tanh": torch.tanh}[activation]
        self.crf = crf
        self.smoothing = smoothing
        if crf:
            self.transitions = nn.Parameter(torch.zeros(labels, labels))  # from row to column
            self.start = nn.Parameter(torch.zeros(labels))
            self.end = nn.Parameter(torch.zeros(labels))

    def forward(self, x):
        for layer in getattr(self, "mlp", ()):
            x = self.activation(layer(x))
        return super().forward(x)

    def loss(self, scores, labels, batch):
        """Mean over labelled tokens (softmax) or over sentences with a label (CRF); None if nothing is
        labelled."""
        if self.crf:
            return self.crf_loss(scores, labels, batch.token_grid)
        if not bool((labels >= 0).any()):
            return None
        return F.cross_entropy(scores, labels, ignore_index=UNLABELLED, label_smoothing=self.smoothing)

    def crf_loss(self, scores, labels, grid):
        """Mean over sentences of log Z - log Z(paths that agree with the known labels)."""
        known = torch.zeros(grid.rows, dtype=torch.int64).index_add_(0, grid.row_of, (labels >= 0).long()) > 0
        if not bool(known.any()):
            return None
        allowed = torch.arange(scores.shape[1]).unsqueeze(0) == labels.unsqueeze(1)
        allowed = allowed | (labels < 0).unsqueeze(1)
        constrained = scores.masked_fill(~allowed, -math.inf)
        difference = self.log_partition(scores, grid) - self.log_partition(constrained, grid)
        return difference[known].mean()

    def log_partition(self, scores, grid):
        """log sum over paths of exp(start + emissions + transitions + end), one per sentence."""
        sizes = grid.batch_sizes.tolist()
        steps = scores.split(sizes)
        alpha, finished = self.start + steps[0], []
        for step in steps[1:]:
            active = step.shape[0]
            finished.append(alpha[active:])
            paths = alpha[:active].unsqueeze(2) + self.transitions
            # -inf entries (forbidden labels) must give gradient 0, not NaN: logsumexp over a row of which
            # at least one entry is finite does.
            alpha = torch.logsumexp(paths, 1) + step
        finished.append(alpha)
        return torch.logsumexp(torch.cat(finished[::-1]) + self.end, 1)

    def decode(self, scores, batch):
        """Best label ids [N]."""
        if not self.crf:
            return scores.argmax(1)
        grid, offset = batch.token_grid, batch.token_offset
        best = torch.zeros(batch.tokens, dtype=torch.int64)
        steps = scores.split(grid.batch_sizes.tolist())
        alphas, back = [self.start + steps[0]], []
        for step in steps[1:]:
            value, origin = (alphas[-1][: step.shape[0]].unsqueeze(2) + self.transitions).max(1)
            alphas.append(value + step)
            back.append(origin)
        for s, length in enumerate(grid.lengths.tolist()):
            label = int((alphas[length - 1][s] + self.end).argmax())
            for t in range(length - 1, -1, -1):
                best[offset[t] + s] = label
                if t:
                    label = int(back[t - 1][s, label])
        return best


class Tagger(nn.Module):
    """The whole network. `config` keys:

    words {size, dim, unk_dropout}; chars {kind: cnn|bilstm, size, dim, filters, width, relu | hidden};
    features {name: {size, dim}}; encoder [hidden, ...]; dropout {input, layers, output, variational};
    noise (standard deviation); tasks {name: {labels, layer, mlp, activation, crf, smoothing}}.
    """

    def __init__(self, config, lstm="packed", dropout=F.dropout):
        super().__init__()
        self.dropout = dropout
        self.config = config
        words, chars = config["words"], config.get("chars")
        self.words = nn.Embedding(words["size"], words["dim"])
        width = words["dim"]
        if chars:
            options = {k: v for k, v in chars.items() if k not in ("kind", "size", "dim")}
            kind = {"cnn": CharacterCNN, "bilstm": CharacterBiLSTM}[chars["kind"]]
            self.chars = kind(chars["size"], chars["dim"], **options)
            width += self.chars.columns
        if config.get("features"):
            self.features = nn.ModuleDict(
                {name: nn.Embedding(f["size"], f["dim"]) for name, f in config["features"].items()}
            )
            width += sum(f["dim"] for f in config["features"].values())
        self.encoder = nn.ModuleList()
        widths = []
        for hidden in config["encoder"]:
            self.encoder.append(nn.LSTM(width, hidden, bidirectional=True))
            width = 2 * hidden
            widths.append(width)
        self.input_columns = self.encoder[0].input_size
        self.depth = len(widths)
        self.layer_of = {n: t.get("layer", self.depth - 1) for n, t in config["tasks"].items()}
        self.heads = nn.ModuleDict()
        for name, task in config["tasks"].items():
            self.heads[name] = Head(
                widths[self.layer_of[name]],
                task["labels"],
                task.get("mlp", ()),
                task.get("activation", "relu"),
                task.get("crf", False),
                task.get("smoothing", 0.0),
            )
        self.run_lstm = {"packed": lambda *a: lstm_packed(*a)[0], "padded": lstm_padded}[lstm]
        self.initialise()

    @torch.no_grad()
    def initialise(self):
        """Embeddings uniform +-sqrt(3/dim) with row 0 zero; matrices Xavier-uniform over their full shape;
        biases 0, but 1 in the forget gate of both LSTM bias vectors; CRF zero."""
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                bound = math.sqrt(3 / module.embedding_dim)
                module.weight.uniform_(-bound, bound)
                module.weight[0] = 0
            elif isinstance(module, nn.LSTM):
                for name, p in module.named_parameters():
                    if name.startswith("weight"):
                        nn.init.xavier_uniform_(p)
                    else:
                        p.zero_()
                        p[module.hidden_size : 2 * module.hidden_size] = 1
            elif isinstance(module, nn.Conv1d):
                nn.init.xavier_uniform_(module.weight)
                module.bias.zero_()
            elif isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                module.bias.zero_()

    def update_set(self, task):
        """Names of the parameters that a step of `task` trains: the shared ones it reaches and its head."""
        layers = self.layer_of[task] + 1
        names = []
        for name, _ in self.named_parameters():
            part = name.split(".")
            if part[0] == "heads" and part[1] != task or part[0] == "encoder" and int(part[1]) >= layers:
                continue
            names.append(name)
        return names

    def layer_sites(self, task):
        """The random sites between the layers that a task reads, with their columns."""
        layers = range(self.layer_of[task])
        return [(f"dropout.encoder.{k}", 2 * self.config["encoder"][k]) for k in layers]

    def output_site(self, task):
        """The random site before a task's head; a head below the top layer has its own."""
        layer = self.layer_of[task]
        return "dropout.output" if layer == self.depth - 1 else f"dropout.output.{layer}"

    def _drop(self, x, site, rate, inject, grid):
        if site in inject:
            multiplier = inject[site]
            if self.config["dropout"].get("variational"):
                multiplier = multiplier[grid.row_of]
            return x * multiplier
        if not self.training or not rate:
            return x
        if self.config["dropout"].get("variational"):
            return x * self.dropout(x.new_ones(grid.rows, x.shape[1]), rate)[grid.row_of]
        return self.dropout(x, rate)

    def embed_words(self, batch, inject):
        return self.words(self.word_rows(batch, inject))

    def word_rows(self, batch, inject):
        rate = self.config["words"].get("unk_dropout", 0.0)
        if "dropout.words" in inject:
            return batch.word.masked_fill(inject["dropout.words"].reshape(-1) != 0, UNKNOWN)
        if self.training and rate:
            return batch.word.masked_fill(torch.rand(batch.tokens) < rate, UNKNOWN)
        return batch.word

    def forward(self, batch, tasks, inject=None, trace=None):
        """Scores [N x labels] of each task named. `inject` gives the random values of sites (packed layout);
        in training mode sites that it lacks draw their own. The dictionary `trace` receives inner values."""
        inject = inject or {}
        grid, drop = batch.token_grid, self.config["dropout"]
        parts = [self.embed_words(batch, inject)]
        if self.config.get("chars"):
            parts.append(self.chars(batch).index_select(0, batch.form))
        for name in self.config.get("features") or {}:
            parts.append(self.features[name](batch.features[name]))
        x = torch.cat(parts, 1)
        if "noise.input" in inject:
            x = x + inject["noise.input"]
        elif self.training and self.config.get("noise"):
            x = x + torch.randn_like(x) * self.config["noise"]
        x = self._drop(x, "dropout.input", drop["input"], inject, grid)
        if trace is not None:
            trace["input"] = x
        outputs = self.encode(x, batch, tasks, inject, trace)
        scores = {}
        for task in tasks:
            y = self._drop(outputs[task], self.output_site(task), drop["output"], inject, grid)
            scores[task] = self.heads[task](y)
        return scores

    def encode(self, x, batch, tasks, inject, trace):
        """What each task's head reads."""
        grid, drop = batch.token_grid, self.config["dropout"]
        outputs = []
        depth = max(self.layer_of[t] for t in tasks) + 1
        for k, layer in enumerate(self.encoder[:depth]):
            if k:
                x = self._drop(x, f"dropout.encoder.{k - 1}", drop.get("layers", 0.0), inject, grid)
            x = self.run_lstm(layer, x, grid)
            outputs.append(x)
            if trace is not None:
                trace[f"encoder.{k}"] = x
        return {task: outputs[self.layer_of[task]] for task in tasks}

    def loss(self, batch, task, inject=None):
        scores = self(batch, [task], inject)[task]
        return self.heads[task].loss(scores, batch.labels[task], batch)
