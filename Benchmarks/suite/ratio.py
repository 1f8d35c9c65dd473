"""How many times as fast somebody is as others, by medians and by what they reach at best."""

import typing


class Ratio(typing.NamedTuple):
    by_medians: float
    by_bests: float | None = None  # None where only medians are kept

    def text(self, form="{:.2f}"):
        return form.format(self.by_medians) + (f" ({form.format(self.by_bests)})" if self.by_bests is not None else "")


def is_peer(name):
    return not name.startswith("Weft")


def times_as_fast(case, own, peers):
    """By how much `own` takes less time than the fastest of the peers."""
    return Ratio(*(min(case[p][key] for p in peers) / case[own][key] for key in ("median", "least")))


def rate_ratio(case, own, peers):
    """By how much the rate of `own` is higher than the highest of the peers."""
    return Ratio(*(case[own][key] / max(case[p][key] for p in peers) for key in ("median", "greatest")))
