"""Curves on numbers whose curve is plain."""

from __future__ import annotations

import math

import numpy as np

from bench.headset_numbers import PANELS
from bench.headsets.kinds import Case
from bench.headsets.roc import Panel, curve, summary
from bench.headsets.tally import OURS, Row
from labcheck.headset.causes import Cause

HUM = Panel("hum", "hum", frozenset({Cause.HUM}), 2.0)


def row(hum: float, *causes: Cause) -> Row:
    return Row(0, Case(0, causes, murky=False), {OURS: "pass"}, {OURS: ""}, {"hum": hum})


def test_what_is_told_apart_wholly_rises_before_it_goes_right() -> None:
    x, y = curve(np.array([0.0, 1.0]), np.array([2.0, 3.0]))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == [(0, 0), (0, 0.5), (0, 1), (0.5, 1), (1, 1)]


def test_what_was_not_measured_is_neither_found_nor_accused() -> None:
    x, y = curve(np.array([math.nan, 1.0]), np.array([math.nan, 2.0]))
    assert (x.max(), y.max()) == (0.5, 0.5)


def test_our_threshold_is_counted_on_faults_alone() -> None:
    rows = [row(1.0), row(2.5), row(3.0, Cause.HUM), row(1.5, Cause.HUM), row(9.0, Cause.HUM, Cause.MONO)]
    (found,) = summary(rows, [HUM])
    assert found == {"measure": "hum", "good": 2, "bad": 2, "false_alarms": 0.5, "detected": 0.5}


def test_every_measure_has_one_panel() -> None:
    assert len({panel.name for panel in PANELS}) == len(PANELS) == 12
