"""The sentences that are tagged: those of the corpus, as words and as the numbers that peers take."""

import json
import os
import sys

import numpy as np
from safetensors import safe_open

import taggers

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from corpus import lowercase, read_conll  # noqa: E402
from tagger import UNKNOWN  # noqa: E402


def read(part, column=1):
    """-> (sentences as lists of words, gold labels) of train, dev or test."""
    rows = read_conll(os.path.join(taggers.DATA, f"{part}.conll"))
    return [row[0] for row in rows], [row[column] for row in rows]


def of_length(sentences, tokens, count):
    """The first `count` sentences of exactly this length; if there are none, they are cut from the text as it runs."""
    exact = [s for s in sentences if len(s) == tokens][:count]
    if len(exact) >= min(count, 4):
        return exact
    text = [word for sentence in sentences for word in sentence]
    return [text[i * tokens : (i + 1) * tokens] for i in range(min(count, len(text) // tokens))]


def batches_of_equal_length(sentences, size):
    """Batches without any padding: the peers' best case."""
    by_length = {}
    for sentence in sentences:
        by_length.setdefault(len(sentence), []).append(sentence)
    batches = []
    for length in sorted(by_length):
        group = by_length[length]
        batches += [group[i : i + size] for i in range(0, len(group), size)]
    return batches


class Encoder:
    """Words to the numbers of a checkpoint's vocabularies."""

    def __init__(self, checkpoint):
        with safe_open(checkpoint, "np") as file:
            metadata = file.metadata()
        vocabularies = json.loads(metadata["weft.vocabularies"])
        self.words = {entry: i + 2 for i, entry in enumerate(vocabularies["words"]["entries"])}
        self.characters = {entry: i + 2 for i, entry in enumerate(vocabularies["characters"]["entries"])}
        self.labels = {name: value["labels"] for name, value in vocabularies["labels"].items()}

    def batch(self, sentences):
        """Sentences of one length -> word [T x B], form [T x B] and characters [forms x longest], 0 behind the end."""
        forms, spellings = {}, []
        word = np.zeros((len(sentences[0]), len(sentences)), dtype=np.int64)
        form = np.zeros_like(word)
        for b, sentence in enumerate(sentences):
            for t, text in enumerate(sentence):
                word[t, b] = self.words.get(lowercase(text), UNKNOWN)
                if text not in forms:
                    forms[text] = len(spellings)
                    spellings.append([self.characters.get(c, UNKNOWN) for c in text])
                form[t, b] = forms[text]
        characters = np.zeros((len(spellings), max(map(len, spellings))), dtype=np.int64)
        for row, spelling in zip(characters, spellings):
            row[: len(spelling)] = spelling
        return word, form, characters
