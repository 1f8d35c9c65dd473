"""Takes a sample of a treebank for the tests: whole documents, some of each genre, as raw text and as tokens.

    sample.py FILE.conllu FOLDER

writes FOLDER/sample.txt and FOLDER/sample.tokens, a line a token: first byte, byte behind the last, 1 if it starts a
sentence.
"""

import collections
import sys

from score import sentences

MOST = 100  # sentences of each genre, whole documents


def chosen(path):
    """For each sentence whether it belongs to the sample."""
    counts = collections.Counter()
    document, marks = None, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("# newdoc id = "):
                genre = line[len("# newdoc id = "):].split("-")[0]
                document = genre if counts[genre] < MOST else None
            elif line.startswith("# sent_id"):
                marks.append(document is not None)
                counts[document] += 1
    return marks


def main():
    path, folder = sys.argv[1:]
    text, rows, gap = "", [], ""
    for (new, sentence, words, space), keep in zip(sentences(path), chosen(path)):
        if not keep:
            continue
        text += "\n\n" if new and text else gap
        first = len(text)
        text += sentence
        for number, (begin, end) in enumerate(words):
            rows.append((first + begin, first + end, int(number == 0)))
        gap = " " if space else ""
    places = [0]
    for character in text:
        places.append(places[-1] + len(character.encode()))
    with open(f"{folder}/sample.txt", "w", encoding="utf-8") as file:
        file.write(text)
    with open(f"{folder}/sample.tokens", "w", encoding="utf-8") as file:
        file.writelines(f"{places[begin]} {places[end]} {start}\n" for begin, end, start in rows)


if __name__ == "__main__":
    main()
