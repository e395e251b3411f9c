"""How well each program's own number tells good headsets from dead ones, whatever its threshold: ROC curves.

Ours is the weaker ear's correlation peak over its median; the others' are those of others.py. Points are the
thresholds that each ships with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.headsets.tally import OURS, PASS, Row
from labcheck.headset.causes import Cause

FILE = "bench-headset.svg"
PANELS = (
    ("nothing is heard at all", frozenset({Cause.SILENT, Cause.NOTHING_HEARD})),
    ("one ear is dead", frozenset({Cause.DEAD_LEFT, Cause.DEAD_RIGHT})),
)
NAMES = {OURS: "ours: matched filter", "alsabat": "alsabat", "checkbox": "checkbox", "testrtc": "testrtc"}
_COLOURS = {OURS: "#1b6ca8", "alsabat": "#c0562f", "checkbox": "#7a8c3b", "testrtc": "#7d5a9b"}
_SHORT = 300
"""Points of a curve at the most: a picture, not a table."""


def curve(
    good: NDArray[np.float64], bad: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of bad ones and of good ones at or above each threshold, from the strictest to the laxest."""
    thresholds = np.unique(np.concatenate([good, bad]))[::-1]
    passed_bad = 1 - np.searchsorted(np.sort(bad), thresholds, "left") / max(bad.size, 1)
    passed_good = 1 - np.searchsorted(np.sort(good), thresholds, "left") / max(good.size, 1)
    return np.concatenate([[0.0], passed_bad]), np.concatenate([[0.0], passed_good])


def area(good: NDArray[np.float64], bad: NDArray[np.float64]) -> float:
    """Under the curve: the chance that a good one's number is above a bad one's."""
    x, y = curve(good, bad)
    return float(np.trapezoid(y, x))


def groups(rows: Sequence[Row], causes: frozenset[Cause]) -> tuple[list[Row], list[Row]]:
    """The healthy, and those that have just one of these faults."""
    good = [row for row in rows if not row.case.causes]
    bad = [row for row in rows if len(row.case.causes) == 1 and row.case.causes[0] in causes]
    return good, bad


def areas(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """For each panel and program."""
    found: dict[str, dict[str, float]] = {}
    for title, causes in PANELS:
        good, bad = groups(rows, causes)
        if good and bad:
            found[title] = {name: round(area(_numbers(good, name), _numbers(bad, name)), 5) for name in NAMES}
    return found


def plot(rows: Sequence[Row], folder: Path) -> None:
    """Write the picture into ``folder``."""
    import matplotlib as mpl  # noqa: PLC0415 - not in the processes that measure

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "headset"
    from matplotlib import pyplot  # noqa: PLC0415

    figure, panes = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained", sharey=True)
    for pane, (title, causes) in zip(panes, PANELS, strict=True):
        good, bad = groups(rows, causes)
        for name, label in NAMES.items():
            x, y = _thinned(*curve(_numbers(good, name), _numbers(bad, name)))
            pane.step(100 * x, 100 * y, where="post", color=_COLOURS[name], label=label, linewidth=1.6)
            if name != OURS:
                pane.plot(
                    100 * _share(bad, name), 100 * _share(good, name), "o", color=_COLOURS[name], markersize=6
                )
        pane.set_title(f"{title} ({len(good)} good, {len(bad)} bad)", fontsize=10)
        pane.set_xlabel("bad ones that pass, %")
        pane.set_xlim(-2, 102)
        pane.set_ylim(-2, 102)
        pane.grid(color="#e4e4e4", linewidth=0.6)
        pane.spines[["top", "right"]].set_visible(False)
    panes[0].set_ylabel("good ones that pass, %")
    panes[1].legend(loc="lower right", frameon=False, fontsize=9)
    figure.savefig(folder / FILE, metadata={"Date": None})
    pyplot.close(figure)


def _numbers(rows: Sequence[Row], name: str) -> NDArray[np.float64]:
    return np.array([row.statistics[name] for row in rows])


def _share(rows: Sequence[Row], name: str) -> float:
    return sum(row.verdicts[name] == PASS for row in rows) / max(len(rows), 1)


def _thinned(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Without points on a straight line, and not too many."""
    turns = np.flatnonzero((np.diff(x, prepend=-1) > 0) | (np.diff(y, prepend=-1) > 0))
    corner = [
        index
        for place, index in enumerate(turns)
        if place in {0, len(turns) - 1}
        or (x[index] != x[turns[place - 1]]) != (x[turns[place + 1]] != x[index])
    ]
    kept = np.array(corner)[:: max(1, len(corner) // _SHORT)]
    kept = np.union1d(kept, [0, x.size - 1]).astype(int)
    return x[kept], y[kept]
