"""CoNLL files to packed batches, by Weft's rules: vocabularies with 0 = padding and 1 = unknown, labels in
order of first appearance in train, BIO turned into BIOES for the model where asked."""

import numpy as np
import torch

from tagger import UNKNOWN, UNLABELLED, Batch


def read_conll(path):
    """-> list of sentences, each a list of columns (lists of strings)."""
    sentences, rows = [], []
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            line = line.rstrip("\n")
            if line:
                rows.append(line.split("\t"))
            elif rows:
                sentences.append([list(column) for column in zip(*rows, strict=True)])
                rows = []
    if rows:
        sentences.append([list(column) for column in zip(*rows, strict=True)])
    return sentences


def lowercase(word):
    """The simple one-to-one mapping: scalars whose lower case is several scalars stay."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in word)


def bioes(tags):
    """Well-formed BIO tags to BIOES."""
    result = []
    for tag, following in zip(tags, [*tags[1:], "O"]):
        if tag == "O":
            result.append(tag)
            continue
        ends = following != "I-" + tag[2:]
        result.append({"B": "S-" if ends else "B-", "I": "E-" if ends else "I-"}[tag[0]] + tag[2:])
    return result


def bio(tags):
    """BIOES tags to BIO by the table of docs/scores.md, which says how invalid sequences read: E and S end a span, and
    whatever then goes on without B begins another."""
    result, open_kind = [], None
    for tag in tags:
        prefix, _, kind = tag.partition("-")
        if prefix == "O":
            result.append("O")
            open_kind = None
            continue
        continues = prefix in "IE" and kind == open_kind
        result.append(("I-" if continues else "B-") + kind)
        open_kind = None if prefix in "ES" else kind
    return result


def spans(tags):
    """(first, last, type) of each span of one sentence, as the CoNLL-2000 scorer counts them on BIO tags."""
    result, start, kind = [], None, None
    for i, tag in enumerate([*tags, "O"]):
        prefix, _, this = tag.partition("-")
        if kind is not None and (prefix == "O" or prefix == "B" or this != kind):
            result.append((start, i - 1, kind))
            kind = None
        if prefix != "O" and kind is None:
            start, kind = i, this
    return result


def span_f1(gold, predicted):
    """Micro F1 in percent over sentences of BIO tags."""
    correct = found = wanted = 0
    for g, p in zip(gold, predicted):
        g, p = set(spans(g)), set(spans(p))
        correct, found, wanted = correct + len(g & p), found + len(p), wanted + len(g)
    return 200.0 * correct / (found + wanted) if found + wanted else 0.0


def accuracy(gold, predicted):
    """Tokens in percent."""
    pairs = [(a, b) for g, p in zip(gold, predicted) for a, b in zip(g, p)]
    return 100.0 * sum(a == b for a, b in pairs) / len(pairs)


class Task:
    """A label column: `model_tags` are what the network predicts, `score` compares on the data's scheme."""

    def __init__(self, column, scheme=None, unlabelled=()):
        self.column = column
        self.unlabelled = unlabelled  # cells with this text carry no label
        self.spans = scheme == "bioes"

    def model_tags(self, tags):
        return bioes(tags) if self.spans else tags

    def score(self, gold, predicted):
        """`gold` as in the data, `predicted` as the network names them."""
        if self.spans:
            return span_f1(gold, [bio(p) for p in predicted])
        return accuracy(gold, predicted)


class Vocabularies:
    """Made from the training sentences. Word rows are keyed by the lower-cased word, characters keep case."""

    def __init__(self, sentences, tasks, features=None):
        self.words, self.characters = {}, {}
        self.labels = {name: {} for name in tasks}
        self.feature_columns = features or {}  # name -> column
        self.features = {name: {} for name in self.feature_columns}
        for sentence in sentences:
            for word in sentence[0]:
                self.words.setdefault(lowercase(word), len(self.words) + 2)
                for c in word:
                    self.characters.setdefault(c, len(self.characters) + 2)
            for name, task in tasks.items():
                for tag in task.model_tags(sentence[task.column]):
                    if tag not in task.unlabelled:
                        self.labels[name].setdefault(tag, len(self.labels[name]))
            for name, column in self.feature_columns.items():
                for value in sentence[column]:
                    self.features[name].setdefault(value, len(self.features[name]) + 2)

    @property
    def sizes(self):
        return {
            "words": len(self.words) + 2,
            "characters": len(self.characters) + 2,
            "labels": {name: len(table) for name, table in self.labels.items()},
            "features": {name: len(table) + 2 for name, table in self.features.items()},
        }


class Part:
    """One split as integer arrays, from which any set of its sentences becomes a Batch."""

    def __init__(self, sentences, vocabularies, tasks):
        self.sentences = sentences
        self.lengths = np.array([len(s[0]) for s in sentences], dtype=np.int64)
        self.first = np.concatenate([[0], np.cumsum(self.lengths)])
        forms, spellings, word, form = {}, [], [], []
        for sentence in sentences:
            for w in sentence[0]:
                word.append(vocabularies.words.get(lowercase(w), UNKNOWN))
                if w not in forms:
                    forms[w] = len(spellings)
                    spellings.append(
                        np.array([vocabularies.characters.get(c, UNKNOWN) for c in w], dtype=np.int64)
                    )
                form.append(forms[w])
        self.word, self.form = np.array(word), np.array(form)
        self.spelling_length = np.array([len(s) for s in spellings])
        self.spelling_table = np.zeros((len(spellings), self.spelling_length.max()), dtype=np.int64)
        for row, spelling in zip(self.spelling_table, spellings):
            row[: len(spelling)] = spelling
        self.labels = {}
        for name, task in tasks.items():
            table = vocabularies.labels[name]
            ids = [table.get(t, UNLABELLED) for s in sentences for t in task.model_tags(s[task.column])]
            self.labels[name] = np.array(ids)
        self.features = {}
        for name, column in vocabularies.feature_columns.items():
            table = vocabularies.features[name]
            self.features[name] = np.array([table.get(v, UNKNOWN) for s in sentences for v in s[column]])

    def packed_order(self, chosen):
        """Sentence numbers -> (the same, longest first; token numbers in packed order; token offsets)."""
        chosen = np.asarray(chosen)
        chosen = chosen[np.argsort(-self.lengths[chosen], kind="stable")]
        lengths = self.lengths[chosen]
        present = np.arange(lengths[0])[:, None] < lengths[None, :]
        tokens = (self.first[chosen][None, :] + np.arange(lengths[0])[:, None])[present]
        return chosen, tokens, np.concatenate([[0], np.cumsum(present.sum(1))]).tolist()

    def batch(self, chosen):
        chosen, tokens, token_offset = self.packed_order(chosen)
        distinct, first, inverse = np.unique(self.form[tokens], return_index=True, return_inverse=True)
        order = np.lexsort((first, -self.spelling_length[distinct]))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        distinct = distinct[order]
        lengths = self.spelling_length[distinct]
        present = np.arange(lengths[0])[:, None] < lengths[None, :]
        scalars = self.spelling_table[distinct, : lengths[0]].T[present]
        return Batch(
            word=torch.from_numpy(self.word[tokens]),
            form=torch.from_numpy(rank[inverse]),
            character=torch.from_numpy(scalars),
            token_offset=token_offset,
            scalar_offset=np.concatenate([[0], np.cumsum(present.sum(1))]).tolist(),
            labels={name: torch.from_numpy(ids[tokens]) for name, ids in self.labels.items()},
            features={name: torch.from_numpy(ids[tokens]) for name, ids in self.features.items()},
            sentence=torch.from_numpy(chosen),
        )


def batch_stream(lengths, size, random):
    """Endless batches of sentence numbers: shuffle, cut into chunks of 100 batches, sort each chunk by
    length, cut into batches, shuffle the batches of the pass; again."""
    lengths = np.asarray(lengths)
    while True:
        order = random.permutation(len(lengths))
        batches = []
        for start in range(0, len(order), 100 * size):
            chunk = order[start : start + 100 * size]
            chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
            batches += [chunk[i : i + size] for i in range(0, len(chunk), size)]
        for k in random.permutation(len(batches)):
            yield batches[k]
