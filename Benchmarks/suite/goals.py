"""What the suite is measured against. Every goal is a ratio, or a time, of one case or two; it is reached or not by
medians, beside which stands what comes out by the least times or best rates of everybody, where those are kept."""

import typing

from ratio import Ratio, is_peer, rate_ratio, times_as_fast

STEP = "tagger step 200"


class Goal(typing.NamedTuple):
    what: str
    wanted: float
    is_limit: bool  # at most so much, else at least
    measure: typing.Callable  # of cases by name; raises KeyError for one that has not been measured
    form: str


def sentence(length, own, peers_in="fp32", name="exp1"):
    def measure(cases):
        case = cases[f"inference {name}"]
        times = case["latency"][str(length)]
        peers = [n for n in times if is_peer(n) and case["precision"][n] == peers_in]
        return times_as_fast(times, f"Weft {own}", peers)

    return measure


def many(own, peers_in="fp32"):
    """`peers_in`: a precision, or None for the fastest of any."""

    def measure(cases):
        case = cases["inference exp1"]
        peers = [n for n in case["bulk"] if is_peer(n) and peers_in in (None, case["precision"][n])]
        return rate_ratio(case["bulk"], f"Weft {own}", peers)

    return measure


def training(name, own):
    def measure(cases):
        speed = cases[f"training {name}"]["speed"]
        return rate_ratio(speed, own, [n for n in speed if is_peer(n)])

    return measure


def second_layer(own):
    def measure(cases):
        one, two = training("exp1", own)(cases), training("exp2", own)(cases)
        return Ratio(*(b / a for a, b in zip(one, two)))

    return measure


def two_threads(own):
    def measure(cases):
        one, two = (cases[f"training {name}"]["speed"][own] for name in ("exp1", "exp1, 2 threads"))
        return Ratio(*(two[key] / one[key] for key in ("median", "greatest")))

    return measure


def masked_step(cases):
    ratio = max(r["times the dense step"] for name, r in cases["training masks"].items() if name != "none")
    return Ratio(ratio)


def changed_tags(precision):
    return lambda cases: Ratio(100 * cases["inference exp1"]["quality"][precision]["tags changed"])


def of_dense_passes(cases):
    ratios = [
        times_as_fast(times, "Weft fp32, three dense", ["Weft fp32, three masks"])
        for times in cases["inference three masks"]["latency"].values()
    ]
    return Ratio(*map(max, zip(*ratios)))


def three_masked_models(length):
    def measure(cases):
        times = cases["inference three masks"]["latency"][str(length)]
        own = [n for n in times if n.startswith("Weft") and n.endswith("three masks")]
        ratios = [times_as_fast(times, n, ["ONNX Runtime fp32, three models"]) for n in own]
        return Ratio(*map(max, zip(*ratios)))

    return measure


def blocks(length):
    def measure(cases):
        times = cases["inference block masks"]["0.25"][f"{length} tokens, µs"]
        return times_as_fast(times, "chosen", ["dense"])

    return measure


def rate(cases, name):
    """-> 1e9 operations a second of a kernel with the best instruction set; a weight is two of them."""
    return max(row["G/s"] for row in cases["kernels"][name].values())


def block_step(cases):
    return Ratio(rate(cases, f"{STEP}, 25 % of blocks, 1 row") / rate(cases, f"{STEP}, 1 row"))


def read_by_a_step(cases):
    gigabytes = rate(cases, f"{STEP}, 1 row") * 4 / 2
    return Ratio(100 * gigabytes / cases["ceilings"]["read 512 KiB GB/s"])


def multiplied_by_a_step(name):
    def measure(cases):
        peaks = [v for k, v in cases["ceilings"].items() if k.startswith("fp32")]
        return Ratio(100 * rate(cases, name) / max(peaks))

    return measure


def seconds(key):
    def measure(cases):
        rows = [row[key] for row in cases["compile time"].values()]
        return Ratio(*(max(row[which] for row in rows) for which in ("median", "least")))

    return measure


def at_least(what, wanted, measure, form="{:.1f}"):
    return Goal(what, wanted, False, measure, form)


def at_most(what, wanted, measure, form="{:.2f}"):
    return Goal(what, wanted, True, measure, form)


GOALS = (
    at_least("training in fp32, times PyTorch's fastest", 6, training("exp1", "Weft")),
    at_least("training in bf16", 13, training("exp1", "Weft bf16")),
    at_least("training with a CRF in fp32", 10, training("exp1-crf", "Weft")),
    at_least("two layers in fp32, of the ratio of one layer", 1, second_layer("Weft"), "{:.2f}"),
    at_least("two layers in bf16, of the ratio of one layer", 1, second_layer("Weft bf16"), "{:.2f}"),
    at_most("a masked step of training, of the dense one", 1.05, masked_step),
    at_least("training on two threads, of one", 1.7, two_threads("Weft"), "{:.2f}"),
    *(
        goal
        for n in (14, 40)
        for goal in (
            at_least(f"{n} tokens in fp32, times the fastest peer in fp32", 2.5, sentence(n, "fp32")),
            at_least(f"{n} tokens in bf16, the same", 5, sentence(n, "bf16")),
            at_least(f"{n} tokens in int8, the same", 9, sentence(n, "int8")),
            at_least(f"{n} tokens in int8, times the fastest peer in int8", 5, sentence(n, "int8", "int8")),
            at_least(f"{n} tokens in fp32 on two threads", 4, sentence(n, "fp32", name="exp1, 2 threads")),
        )
    ),
    at_most("tags that bf16 changes, %", 0.1, changed_tags("bf16"), "{:.3f}"),
    at_most("tags that int8 changes, %", 0.1, changed_tags("int8"), "{:.3f}"),
    at_least("many sentences in fp32, times the fastest peer in fp32", 2.5, many("fp32")),
    at_least("many sentences in int8, times the fastest peer of any precision", 4, many("int8", None)),
    at_most("three tasks with three masks in fp32, of three dense passes", 0.5, of_dense_passes),
    at_least("three masks, best precision, times ONNX Runtime, 14 tokens", 12, three_masked_models(14)),
    at_least("three masks, best precision, times ONNX Runtime, 40 tokens", 12, three_masked_models(40)),
    at_least("a quarter of the blocks of 16 × 1, a step, times the dense one", 2.5, block_step),
    at_least("a quarter of the blocks of 16 × 1, 14 tokens, times all", 2.5, blocks(14)),
    at_least("a quarter of the blocks of 16 × 1, 40 tokens, times all", 2.5, blocks(40)),
    at_least("a step of one row reads, % of the second level", 85, read_by_a_step, "{:.0f}"),
    *(
        at_least(f"{whose} step of ten rows, % of the peak", 70, multiplied_by_a_step(f"{step}, 10 rows"), "{:.0f}")
        for whose, step in (("a tagger's", STEP), ("training's", "lstm step 200"))
    ),
    at_most("both libraries with nothing cached, s", 5, seconds("cold s"), "{:.1f}"),
    at_most("both libraries from the cache, s", 0.3, seconds("cached s")),
)


def table(cases):
    """-> lines of Markdown: the goals whose cases have been measured."""
    lines = []
    for goal in GOALS:
        try:
            measured = goal.measure(cases)
        except KeyError:
            continue
        reached = measured.by_medians <= goal.wanted if goal.is_limit else measured.by_medians >= goal.wanted
        sign = "≤" if goal.is_limit else "≥"
        shown = measured.text(goal.form)
        lines.append(f"| {goal.what} | {sign} {goal.wanted:g} | {shown} | {'yes' if reached else 'no'} |")
    if not lines:
        return []
    head = ["## Goals", "", "One thread unless said; by medians (by least times or best rates).", ""]
    return head + ["| | wanted | measured | reached |", "|---|---|---|---|", *lines, ""]
