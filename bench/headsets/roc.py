"""How well each measure tells its fault from good headsets, whatever the threshold: ROC curves.

One panel a measure: of the headsets with that fault alone, how many are beyond a threshold, over how many
good ones are. The dot is our threshold. Where nothing was measured there is no alarm and no detection. The
first panel has the other programs' own numbers beside it, with the thresholds they ship.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.headsets.tally import PASS, Row
from labcheck.headset.causes import Cause

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure: larger is worse."""

    name: str
    """Of its number in Row.statistics."""
    title: str
    causes: frozenset[Cause]
    limit: float
    """Ours."""
    others: tuple[str, ...] = ()
    """Programs whose number (more is better) belongs here, too."""


_INK, _RED = "#1b6ca8", "#b3261e"
_COLOURS = {"alsabat": "#c0562f", "checkbox": "#7a8c3b", "testrtc": "#7d5a9b"}
_COLUMNS = 4


def curve(good: Numbers, bad: Numbers) -> tuple[Numbers, Numbers]:
    """Shares of good and of bad ones at or above each threshold, from the strictest to the laxest; more is
    worse. What was not measured (nan) is never above."""
    known = np.concatenate([good, bad])
    thresholds = np.unique(known[np.isfinite(known)])[::-1]
    x, y = (_above(numbers, thresholds) for numbers in (good, bad))
    return np.concatenate([[0.0], x]), np.concatenate([[0.0], y])


def _above(numbers: Numbers, thresholds: Numbers) -> Numbers:
    kept = np.sort(np.where(np.isnan(numbers), -np.inf, numbers))
    return np.asarray(1 - np.searchsorted(kept, thresholds, "left") / max(kept.size, 1))


def groups(rows: Sequence[Row], causes: frozenset[Cause]) -> tuple[list[Row], list[Row]]:
    """The healthy, and those that have just one of these faults."""
    good = [row for row in rows if not row.case.causes]
    bad = [row for row in rows if len(row.case.causes) == 1 and row.case.causes[0] in causes]
    return good, bad


def summary(rows: Sequence[Row], panels: Sequence[Panel]) -> list[dict[str, Any]]:
    """Of each panel: how many there were, and what our threshold alone does, as shares."""
    found = []
    for panel in panels:
        good, bad = (_numbers(some, panel.name) for some in groups(rows, panel.causes))
        limit = np.array([panel.limit])
        found.append(
            {
                "measure": panel.title,
                "good": good.size,
                "bad": bad.size,
                "false_alarms": round(float(_above(good, limit)[0]), 5),
                "detected": round(float(_above(bad, limit)[0]), 5),
            }
        )
    return found


def plot(rows: Sequence[Row], panels: Sequence[Panel], file: Path) -> None:
    """Write the picture; ``file`` says its kind."""
    import matplotlib as mpl  # noqa: PLC0415 - not in the processes that measure

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = "headset"
    from matplotlib import pyplot  # noqa: PLC0415

    lines = math.ceil(len(panels) / _COLUMNS)
    figure, panes = pyplot.subplots(
        lines, _COLUMNS, figsize=(3.1 * _COLUMNS, 2.9 * lines), layout="constrained", squeeze=False
    )
    for pane in panes.flat[len(panels) :]:
        pane.remove()
    for pane, panel in zip(panes.flat, panels, strict=False):
        _draw(pane, rows, panel)
    for pane in panes[:, 0]:
        pane.set_ylabel("faulty ones found, %")
    for pane in panes[-1, :]:
        pane.set_xlabel("good ones accused, %")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _draw(pane: Any, rows: Sequence[Row], panel: Panel) -> None:
    good, bad = groups(rows, panel.causes)
    least = 100 / max(len(good), 1) / 2
    """On a logarithmic axis none at all is drawn as half of one."""
    for name in panel.others:
        x, y = curve(-_numbers(good, name), -_numbers(bad, name))
        pane.step(np.maximum(100 * x, least), 100 * y, where="post", color=_COLOURS[name], linewidth=1.0)
        shown = [100 * (1 - _share(some, name)) for some in (good, bad)]
        pane.plot(max(shown[0], least), shown[1], "o", color=_COLOURS[name], markersize=5, label=name)
    x, y = curve(_numbers(good, panel.name), _numbers(bad, panel.name))
    pane.step(np.maximum(100 * x, least), 100 * y, where="post", color=_INK, linewidth=1.8)
    limit = np.array([panel.limit])
    at = [100 * float(_above(_numbers(some, panel.name), limit)[0]) for some in (good, bad)]
    ours = "our threshold" if panel.others else None
    pane.plot(max(at[0], least), at[1], "o", color=_RED, markersize=6, zorder=5, clip_on=False, label=ours)
    none = ", none accused" if at[0] == 0 else f", {at[0]:.2g} % accused"
    pane.set_title(f"{panel.title}\n{len(bad)} bad: {at[1]:.4g} % found{none}", fontsize=9)
    pane.set_xscale("log")
    pane.set_xlim(least / 1.3, 100)
    pane.set_ylim(0, 103)
    pane.grid(color="#e4e4e4", linewidth=0.6)
    pane.spines[["top", "right"]].set_visible(False)
    pane.tick_params(labelsize=8)
    if panel.others:
        pane.legend(loc="center right", frameon=False, fontsize=8)


def _numbers(rows: Sequence[Row], name: str) -> Numbers:
    return np.array([row.statistics.get(name, math.nan) for row in rows], dtype=np.float64)


def _share(rows: Sequence[Row], name: str) -> float:
    """Of them, how many a program passes."""
    return sum(row.verdicts[name] == PASS for row in rows) / max(len(rows), 1)
