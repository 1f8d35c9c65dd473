"""Scores a packaged tagger's tokenizer on the raw text of a CoNLL-U file.

    score.py FILE.conllu TOKENS [--errors N]

TOKENS is the program made of tokens.c. The raw text is the `# text` lines: sentences of a paragraph with a space
between them (or none, where the treebank says SpaceAfter=No), paragraphs with an empty line. A token counts as right
if its first and last character are those of a word of the treebank (the words, not the multiword tokens).
"""

import argparse
import bisect
import collections
import lzma
import subprocess


def sentences(path):
    """Yields (starts a paragraph, text, words as (begin, end), whether a space follows)."""
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")
    for block in blocks:
        lines = block.split("\n")
        text = next(line[len("# text = "):] for line in lines if line.startswith("# text = "))
        new = any(line.startswith(("# newdoc", "# newpar")) for line in lines)
        words, position, inside, space = [], 0, 0, True
        for line in lines:
            if line.startswith("#"):
                continue
            cells = line.split("\t")
            if "." in cells[0]:
                continue
            if "-" in cells[0]:
                inside = int(cells[0].split("-")[1])
                space = "SpaceAfter=No" not in cells[9]
                continue
            while text[position:position + 1].isspace():
                position += 1
            begin = position
            for character in cells[1].replace(" ", ""):
                while text[position].isspace():
                    position += 1
                if text[position] != character:
                    raise SystemExit(f"{path}: '{cells[1]}' is not in the text: {text}")
                position += 1
            words.append((begin, position))
            if int(cells[0]) > inside:
                space = "SpaceAfter=No" not in cells[9]
        yield new, text, words, space


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("tokens")
    parser.add_argument("--errors", type=int, default=0)
    arguments = parser.parse_args()
    pieces, length, gold, starts, gap = [], 0, set(), set(), ""
    for new, sentence, words, space in sentences(arguments.file):
        between = "\n\n" if new and pieces else gap
        pieces += [between, sentence]
        length += len(between)
        starts.add(length + words[0][0])
        gold.update((length + begin, length + end) for begin, end in words)
        length += len(sentence)
        gap = " " if space else ""
    text = "".join(pieces)
    data = text.encode("utf-8")
    characters = {}
    position = 0
    for index, character in enumerate(text):
        characters[position] = index
        position += len(character.encode("utf-8"))
    characters[position] = len(text)
    output = subprocess.run([arguments.tokens], input=data, capture_output=True, check=True).stdout.decode()
    rows = [tuple(map(int, line.split())) for line in output.splitlines()]
    covered = bytearray(data)
    for begin, end, _ in rows:
        covered[begin:end] = b" " * (end - begin)
    if covered.decode("utf-8").strip():
        raise SystemExit("the tokens leave out bytes that are no white space")
    if any(a[1] > b[0] for a, b in zip(rows, rows[1:])):
        raise SystemExit("tokens overlap")
    found = {(characters[begin], characters[end]) for begin, end, _ in rows}
    found_starts = {characters[begin] for begin, _, start in rows if start}

    def f1(right, a, b):
        return 200 * right / (a + b)

    print(f"tokens     gold {len(gold)} found {len(found)} F1 {f1(len(gold & found), len(gold), len(found)):.2f}")
    both = len(starts & found_starts)
    print(f"sentences  gold {len(starts)} found {len(found_starts)} F1 {f1(both, len(starts), len(found_starts)):.2f}")
    if arguments.errors:
        wrong = collections.Counter()
        ordered = sorted(found)
        for begin, end in gold - found:
            first = bisect.bisect_left(ordered, (begin, begin))
            while first > 0 and ordered[first - 1][1] > begin:
                first -= 1
            around = [token for token in ordered[first:first + (end - begin) + 1] if token[0] < end]
            whole = text[min(begin, around[0][0]):max(end, around[-1][1])]
            wrong[(text[begin:end], "|".join(text[a:b] for a, b in around), whole)] += 1
        for (word, tokens, whole), count in wrong.most_common(arguments.errors):
            print(count, repr(word), "found as", repr(tokens))


if __name__ == "__main__":
    main()
