"""SGD with momentum on one task's update set, word rows visited only when read."""

import torch


class WordRows:
    """The word table under SGD with momentum, exact without touching rows that a batch does not read.

    Between two reads, `k` steps apart, dense SGD would move such a row by -rate * v * (mu + ... + mu^k) and
    leave v * mu^k (the gradient is zero, the rate constant within an epoch). That is done when the row is
    next read, and for every row by `settle`, which must be called before the rate changes or the table is
    used.
    """

    def __init__(self, weight, momentum):
        self.weight, self.momentum = weight, momentum
        self.velocity = torch.zeros_like(weight)
        self.last = torch.zeros(
            weight.shape[0], dtype=torch.int64
        )  # the step after which a row is up to date
        self.step = 0
        self.rows = self.leaf = None

    @torch.no_grad()
    def _catch_up(self, rows, rate):
        mu = self.momentum
        behind = (self.step - self.last[rows]).to(self.weight.dtype)
        decay = torch.pow(torch.tensor(mu, dtype=self.weight.dtype), behind).unsqueeze(1)
        v = self.velocity[rows]
        self.weight[rows] -= rate * mu / (1 - mu) * (1 - decay) * v
        self.velocity[rows] = v * decay
        self.last[rows] = self.step

    def read(self, rows, rate):
        """-> [len(rows) x dim]; gradients collect in `leaf`, one row for each distinct word."""
        self.rows, inverse = torch.unique(rows, return_inverse=True)
        self._catch_up(self.rows, rate)
        self.leaf = self.weight.detach()[self.rows].requires_grad_()
        return self.leaf.index_select(0, inverse)

    @torch.no_grad()
    def apply(self, rate):
        """One step with the (already clipped) gradient of the rows last read."""
        self.step += 1
        v = self.velocity[self.rows].mul_(self.momentum).add_(self.leaf.grad)
        self.velocity[self.rows] = v
        self.weight[self.rows] = self.leaf.detach().sub_(v, alpha=rate)
        self.last[self.rows] = self.step

    def settle(self, rate):
        self._catch_up(torch.arange(self.weight.shape[0]), rate)


class Trainer:
    """One-task steps: clip by norm over the task's update set, then SGD with momentum on exactly that set.

    Parameters outside the set have no gradient (None, not zero), so neither they nor their momentum move.
    """

    def __init__(self, model, momentum=0.9, clip=5.0, lazy_words=True):
        self.model, self.clip = model, clip
        named = dict(model.named_parameters())
        self.words = WordRows(model.words.weight, momentum) if lazy_words else None
        if lazy_words:
            model.embed_words = self._embed_words
        self.sets = {
            task: [named[n] for n in model.update_set(task) if not (lazy_words and n == "words.weight")]
            for task in model.heads
        }
        rest = [p for n, p in named.items() if not (lazy_words and n == "words.weight")]
        self.optimizer = torch.optim.SGD(rest, lr=0.0, momentum=momentum, fused=True)
        for p in rest:
            # The fused kernel rejects a step in which only some parameters have a momentum buffer, which is
            # what a task's first step looks like. A zero buffer gives the same first step: v = mu * 0 + g.
            self.optimizer.state[p]["momentum_buffer"] = torch.zeros_like(p)
        self.rate = 0.0

    def set_rate(self, rate):
        self.settle()
        self.rate = rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def settle(self):
        """Brings the whole word table up to date; needed before it is evaluated or saved."""
        if self.words:
            self.words.settle(self.rate)

    def _embed_words(self, batch, inject):
        rows = self.model.word_rows(batch, inject)
        if not self.model.training:
            return self.model.words(rows)
        return self.words.read(rows, self.rate)

    def step(self, batch, task, inject=None):
        """-> loss as a tensor, or None for a batch without a label of the task (nothing changes then)."""
        loss = self.model.loss(batch, task, inject)
        if loss is None:
            return None
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        reached = self.sets[task] + ([self.words.leaf] if self.words else [])
        torch.nn.utils.clip_grad_norm_(reached, self.clip, foreach=True)
        self.optimizer.step()
        if self.words:
            self.words.apply(self.rate)
        return loss.detach()
