"""From rounds to a table of ratios, for a terminal and for the README alike."""

from __future__ import annotations

from statistics import median

OURS, FLOOR = "deltaprop", "matrix products alone (BLAS)"


def ratios(results: dict[str, list[dict]], peer: str, ours: str = OURS) -> list[float]:
    """deltaprop's time, or that of the contender `ours`, over the peer's, round by round."""
    return [a["seconds"] / b["seconds"] for a, b in zip(results[ours], results[peer], strict=True)]


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def markdown(report: dict[str, dict], ours: str = OURS) -> str:
    """The table: a row for each workload and contender, with the ratio of `ours` to it."""
    lines = [
        f"| workload | contender | median | fastest – slowest | {ours} takes (spread) |",
        "|---|---|---|---|---|",
    ]
    for workload in report.values():
        title, results = workload["title"], workload["results"]
        for name, rounds in results.items():
            times = [r["seconds"] for r in rounds]
            cells = [title, name, duration(median(times)), f"{duration(min(times))} – {duration(max(times))}"]
            ratio = ""
            if name != ours and ours in results:
                found = ratios(results, name, ours)
                ratio = f"**{median(found):.2f} ×** ({min(found):.2f} – {max(found):.2f})"
            accuracies = [r["accuracy"] for r in rounds if "accuracy" in r]
            if accuracies:
                reached = sum(a >= 0.98 for a in accuracies)
                cells[1] += f" ({reached} of {len(accuracies)} seeds ≥ 98 %, worst {min(accuracies):.2%})"
            lines.append("| " + " | ".join([*cells, ratio]) + " |")
            title = ""
    return "\n".join(lines)
