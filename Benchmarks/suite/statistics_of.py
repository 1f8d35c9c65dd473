"""What is kept of a list of times or speeds."""

import statistics


def summary(values):
    ordered = sorted(values)
    n = len(ordered)
    return {
        "median": statistics.median(ordered),
        "quartiles": [ordered[n // 4], ordered[(3 * n) // 4]],
        "least": ordered[0],
        "greatest": ordered[-1],
        "p99": ordered[min(n - 1, int(0.99 * n))],
        "count": n,
    }
