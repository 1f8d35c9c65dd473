"""Pictures of the results as SVG: speeds beside the peers', cost against work, the roofline."""

import os

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "weft"  # equal numbers, equal files
from matplotlib import pyplot  # noqa: E402

OWN, OTHER = "#1f6f8b", "#c9a66b"


def draw(results, folder):
    cases = results["cases"]
    for name, case in cases.items():
        stem = os.path.join(folder, name.replace(", ", "-").replace(" ", "-"))
        if "speed" in case:
            bars(case["speed"], "tokens/s", f"{name}: tokens a second", stem + ".svg")
        for length, times in case.get("latency", {}).items():
            bars(times, "µs", f"{name}: a sentence of {length} tokens", f"{stem}-{length}.svg", longest_last=True)
        if "bulk" in case:
            bars(case["bulk"], "tokens/s", f"{name}: many sentences", stem + "-bulk.svg")
        if "linearity" in name:
            lines(case, name, stem + ".svg")
    if "kernels" in cases and "ceilings" in cases:
        roofline(cases["kernels"], cases["ceilings"], os.path.join(folder, "roofline.svg"))


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def bars(values, unit, title, path, longest_last=False):
    ordered = sorted(values.items(), key=lambda item: item[1]["median"], reverse=longest_last)
    figure, axes = pyplot.subplots(figsize=(7, 0.6 + 0.3 * len(ordered)))
    medians = [v["median"] for _, v in ordered]
    spread = [[v["median"] - v["quartiles"][0] for _, v in ordered], [v["quartiles"][1] - v["median"] for _, v in ordered]]
    colours = [OWN if name.startswith("Weft") else OTHER for name, _ in ordered]
    axes.barh([name for name, _ in ordered], medians, xerr=spread, color=colours, ecolor="#555555")
    axes.set_xlabel(unit)
    axes.set_title(title, fontsize=10)
    save(figure, path)


def lines(case, title, path):
    figure, every = pyplot.subplots(1, len(case), figsize=(4.5 * len(case), 3.2), squeeze=False)
    for axes, (label, values) in zip(every[0], case.items()):
        axes.plot([float(n) for n in values], list(values.values()), "o-", color=OWN)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(label.split(" by ")[1])
        axes.set_ylabel("µs a token")
    figure.suptitle(title, fontsize=10)
    save(figure, path)


# Name of a kernel's case -> bytes that it must read and write, from the sizes that its name says.
def product_bytes(name):
    if not name.startswith(("linear", "lstm step", "tagger step 200")) or "%" in name or "gradient" in name:
        return None
    sizes, rows = name.split(", ")
    rows = int(rows.split()[0])
    n, k = (800, 200) if "step" in name else map(int, sizes.split()[1].split("x"))
    factor = 1 if "in int8" in name else 2 if "in bf16" in name else 4
    return factor * (n * k + rows * k) + 4 * rows * n


FAMILIES = {"linear": OWN, "lstm step": OTHER, "tagger step": "#8b3a62"}
MARKERS = {"in bf16": "s", "in int8": "^", "": "o"}  # the last is for what is in single precision


def roofline(kernels, ceilings, path):
    """Points are labelled with their rows; a family of kernels has a colour, a precision a marker."""
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    peak = ceilings.get("fp32 AVX-512 GFLOP/s") or ceilings.get("fp32 AVX2 GFLOP/s")
    if peak is None:
        return
    for name, unit in (("bf16", "GFLOP/s"), ("int8", "GOP/s")):
        narrow = ceilings.get(f"{name} AVX-512 {unit}")
        if narrow:
            axes.axhline(narrow, color="#777777", linewidth=1, linestyle=":")
            axes.annotate(f"{name} {narrow:.0f} {unit}", (0.12, narrow * 1.05), fontsize=8)
    for label, key in (("L1", "read 32 KiB GB/s"), ("L2", "read 512 KiB GB/s"), ("L3", "read 4096 KiB GB/s")):
        bandwidth = ceilings[key]
        points = [0.1, peak / bandwidth, 1000]
        axes.plot(points, [min(peak, bandwidth * x) for x in points], color="#777777", linewidth=1)
        axes.annotate(f"{label} {bandwidth:.0f} GB/s", (0.12, bandwidth * 0.12), fontsize=8)
    for name, row in kernels.items():
        moved, own = product_bytes(name), row.get("avx512") or row.get("avx2")
        precision = next(p for p in MARKERS if p in name)
        if precision:
            own = row.get("avx512vnni", own)
        if moved is None or own is None:
            continue
        family = next(f for f in FAMILIES if name.startswith(f))
        at = (own["G/s"] * own["us"] * 1e3 / moved, own["G/s"])
        axes.plot(*at, MARKERS[precision], color=FAMILIES[family], markersize=5, label=f"{family} {precision}".strip())
        axes.annotate(name.split(", ")[1].split()[0], at, fontsize=7, xytext=(4, -3), textcoords="offset points")
    handles = dict(zip(*reversed(axes.get_legend_handles_labels())))  # one of each kind
    axes.legend(handles.values(), handles.keys(), fontsize=7, loc="lower right", title="rows beside each point", title_fontsize=7)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("operations a byte")
    axes.set_ylabel("1e9 operations a second")
    axes.set_title("Kernels under the ceilings of one core", fontsize=10)
    save(figure, path)
