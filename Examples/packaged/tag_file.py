"""tag_file.py FILE: tags a file of raw text with every task of the tagger 'tiny' (pip install ./tiny/python)."""

import sys
from pathlib import Path

from tiny import TASKS, Tagger


def main() -> None:
    tagger = Tagger()
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    sentences = [[token.text for token in sentence] for sentence in tagger.tokenize(text)]
    for words, tags in zip(sentences, tagger.tag_sentences(sentences)):
        for row in zip(words, *(tags[task] for task in TASKS)):
            print("\t".join(row))
        print()


if __name__ == "__main__":
    main()
