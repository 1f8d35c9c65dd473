"""Results as Markdown: what is fastest, how many times as fast Weft is, and against which goal."""

import goals
from ratio import is_peer, rate_ratio, times_as_fast

PRECISIONS = ("fp32", "bf16", "int8")


def markdown(results):
    machine = results["machine"]
    lines = ["# Benchmark results", "", *describe(machine), ""]
    cases = results["cases"]
    lines += goals.table(cases)
    lines += ceilings(cases.get("ceilings"))
    tagging = {n: c for n, c in cases.items() if n.startswith("inference") and "outputs" in c}
    if tagging:
        lines += ["## Tagging", ""]
        for name, case in tagging.items():
            lines += tagging_case(name, case)
    joint = cases.get("inference three masks")
    if joint:
        lines += joint_case(joint)
    for name, what in (("sparse", "Single weights"), ("block", "Blocks of 16 × 1")):
        lines += sparse_case(what, cases.get(f"inference {name} masks"))
    training = {n: c for n, c in cases.items() if "speed" in c}
    if training:
        lines += ["## Training", "", "Tokens a second, medians (quartiles); full steps.", ""]
        for name, case in training.items():
            lines += training_case(name, case)
    if "training masks" in cases:
        lines += ["### Masks against dense", "", "| mask | times the dense step (quartiles) |", "|---|---|"]
        for name, row in cases["training masks"].items():
            low, high = row["quartiles"]
            lines.append(f"| {name} | {row['times the dense step']:.3f} ({low:.3f} – {high:.3f}) |")
        lines.append("")
    for name in ("inference linearity", "training linearity"):
        lines += linearity(name, cases.get(name))
    lines += kernels(cases.get("kernels"), cases.get("ceilings"))
    lines += compile_time(cases.get("compile time"))
    return "\n".join(lines).rstrip() + "\n"


def describe(machine):
    caches = ", ".join(f"{k} {v}" for k, v in machine["caches"].items())
    packages = ", ".join(f"{k} {v}" for k, v in machine["packages"].items())
    load = machine["load when it began"]
    return [
        f"{machine['processor']} (family, model {machine['family, model']}), {machine['cores']} cores; {caches};",
        f"{' '.join(machine['features'])}; {machine['system']}; {machine['compiler']}; {packages}."
        + (f" Load when it began: {load[0]:.1f}." if load else ""),
    ]


def ceilings(values):
    if not values:
        return []
    lines = ["## What one core can do", "", "| | |", "|---|---|"]
    return lines + [f"| {name} | {value:,.1f} |" for name, value in values.items()] + [""]


def fastest_peer(times, precision_of, wanted=None, largest=False):
    """-> (name, value) of the best of those that are not Weft's."""
    peers = {
        name: value["median"]
        for name, value in times.items()
        if is_peer(name) and (wanted is None or precision_of[name] == wanted)
    }
    if not peers:
        return None
    name = (max if largest else min)(peers, key=peers.get)
    return name, peers[name]


def tagging_case(name, case):
    lines = [f"### {name.removeprefix('inference ')}", ""]
    precision_of = case["precision"]
    for length, times in case["latency"].items():
        lines += [f"One sentence of {length} tokens, µs:", "", "| | median | quartiles | least | p99 |", "|---|---|---|---|---|"]
        for who, t in sorted(times.items(), key=lambda item: item[1]["median"]):
            low, high = t["quartiles"]
            lines.append(f"| {who} | {t['median']:.0f} | {low:.0f} – {high:.0f} | {t['least']:.0f} | {t['p99']:.0f} |")
        lines += ["", *ratios(times, precision_of, False), ""]
    if "bulk" in case:
        lines += ["Many sentences, tokens/s:", "", "| | median | quartiles | sentences a batch |", "|---|---|---|---|"]
        for who, t in sorted(case["bulk"].items(), key=lambda item: -item[1]["median"]):
            low, high = t["quartiles"]
            lines.append(f"| {who} | {t['median']:,.0f} | {low:,.0f} – {high:,.0f} | {t['batch']} |")
        lines += ["", *ratios(case["bulk"], precision_of, True), ""]
    for precision, q in case.get("quality", {}).items():
        low, high = q["its 95 % interval"]
        lines.append(
            f"Weft {precision} on dev: {100 * q['tags changed']:.3f} % of the tags change, accuracy changes by "
            f"{q['change of accuracy']:+.3f} (95 % interval {low:+.3f} – {high:+.3f}).\n"
        )
    return lines


def ratios(times, precision_of, largest):
    lines = []
    for precision in PRECISIONS:
        own = times.get(f"Weft {precision}")
        if own is None:
            continue
        parts = []
        for wanted in ("fp32", precision) if precision != "fp32" else ("fp32",):
            peer = fastest_peer(times, precision_of, wanted, largest)
            if peer:
                ratio = own["median"] / peer[1] if largest else peer[1] / own["median"]
                parts.append(f"{ratio:.2f} times as fast as {peer[0]} (fastest in {wanted})")
        lines.append(f"- Weft {precision}: " + ", ".join(parts))
    return lines


def joint_case(case):
    lines = ["### Three tasks, three masks", ""]
    for length, times in case["latency"].items():
        dense = times["Weft fp32, three dense"]["median"]
        peer = min(v["median"] for n, v in times.items() if n.startswith("ONNX Runtime fp32"))
        lines += [f"One sentence of {length} tokens, µs:", "", "| | median | of three dense passes | ONNX Runtime is slower by |", "|---|---|---|---|"]
        for who, t in times.items():
            lines.append(f"| {who} | {t['median']:.0f} | {t['median'] / dense:.2f} | {peer / t['median']:.1f} |")
        lines.append("")
    return lines


def sparse_case(what, case):
    """Times as fast as with all weights, by medians and by least times or best rates."""
    if not case:
        return []
    lines = [f"### {what} left out", "", "Weft fp32, and how many times as fast as the package that reads all weights (by its best):", ""]
    columns = [key for key in next(iter(case.values())) if key != "score difference"]
    lines += ["| kept | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for density, row in case.items():
        cells = []
        for key in columns:
            ratio = (rate_ratio if key.startswith("tokens/s") else times_as_fast)(row[key], "chosen", ["dense"])
            cells.append(f"{row[key]['chosen']['median']:,.0f}: {ratio.text()}")
        lines.append(f"| {100 * float(density):.0f} % | " + " | ".join(cells) + " |")
    return lines + [""]


def training_case(name, case):
    lines = [f"### {name.removeprefix('training ')}", ""]
    if "losses" in case:
        lines += [case["losses"] + ".", ""]
    peers = {n: v["median"] for n, v in case["speed"].items() if is_peer(n)}
    best = max(peers, key=peers.get) if peers else None
    lines += ["| | tokens/s | of the fastest peer |", "|---|---|---|"]
    for who, value in case["speed"].items():
        low, high = value["quartiles"]
        ratio = f"{value['median'] / peers[best]:.2f}" if best else ""
        lines.append(f"| {who} | {value['median']:,.0f} ({low:,.0f} – {high:,.0f}) | {ratio} |")
    return lines + [""]


def linearity(name, case):
    if not case:
        return []
    lines = [f"## {name.replace('inference', 'Tagging').replace('training', 'Training')}", ""]
    for title, values in case.items():
        lines += ["| " + " | ".join([title, *map(str, values)]) + " |", "|---" * (len(values) + 1) + "|"]
        lines += ["| | " + " | ".join(f"{v:.2f}" for v in values.values()) + " |", ""]
    return lines


def kernels(case, ceiling):
    if not case:
        return []
    every = ("avx512vnni", "avx512", "avx2", "neon", "portable")
    sets = [s for s in every if any(s in row for row in case.values())]
    ceiling = ceiling or {}
    single = ceiling.get("fp32 AVX-512 GFLOP/s") or ceiling.get("fp32 AVX2 GFLOP/s")
    peaks = {"in bf16": ceiling.get("bf16 AVX-512 GFLOP/s"), "in int8": ceiling.get("int8 AVX-512 GOP/s")}
    lines = ["## Kernels", "", "µs (1e9 operations a second)", "", "| | " + " | ".join([*sets, "OpenBLAS", "of the peak"]) + " |"]
    lines.append("|---" * (len(sets) + 3) + "|")
    for name, row in case.items():
        cells = [f"{row[s]['us']:.2f} ({row[s]['G/s']:.1f})" if s in row else "" for s in [*sets, "OpenBLAS"]]
        dense = name.startswith(("linear", "weight gradient", "lstm step 200", "tagger step")) and "%" not in name
        peak = next((v for words, v in peaks.items() if words in name and v), single)
        share = f"{100 * row[sets[0]]['G/s'] / peak:.0f} %" if peak and dense and sets[0] in row else ""
        lines.append(f"| {name} | " + " | ".join([*cells, share]) + " |")
    return lines + [""]


def compile_time(case):
    if not case:
        return []
    lines = ["## From a spec to its libraries", "", "| | s, nothing cached | s, cached | tagging, KB | training, KB |", "|---" * 5 + "|"]
    for name, row in case.items():
        sizes = [f"{row[key] / 1000:.0f}" for key in ("tagging library bytes", "training library bytes")]
        seconds = [f"{row[key]['median']:.2f} (least {row[key]['least']:.2f})" for key in ("cold s", "cached s")]
        lines.append(f"| {name} | " + " | ".join(seconds + sizes) + " |")
    return lines + [""]
