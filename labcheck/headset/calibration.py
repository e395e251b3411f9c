"""Calibration: what a known-good headset gives, measured several times, narrows the limits of its model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from labcheck.errors import N_
from labcheck.headset.asking import HeadsetError
from labcheck.headset.limits import Calibration, Limits, calibrate
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.requirements import HeadsetModel, HeadsetTest

if TYPE_CHECKING:
    from labcheck.headset.acoustics import Measures
    from labcheck.headset.test import SeatResult

RUNS = 3
_GAIN_ERROR_DB = 0.8
"""Standard error of a gain: what labcheck.headset.rules.ears goes by."""
MOST_SPREAD_DB = 2.0
"""The same headset, not touched, gives the same to 0.2 dB; a boom that is moved changes it by up to 4 dB."""


class CalibrationRefused(HeadsetError):
    """What was measured is no measure for other headsets of the model; nothing was changed."""

    code = "calibration-refused"
    remedy = N_(
        "Take a headset that is certainly well and has a USB plug of its own, lay it down, make it quiet, "
        "touch nothing, and calibrate again."
    )


def calibrations_of(test: HeadsetTest) -> Mapping[str, Calibration]:
    """USB id -> calibration."""
    return {
        one.model: Calibration(
            one.model, one.left_db, one.right_db, -1.0 if one.inverted else 1.0, one.noise_dbfs
        )
        for one in test.models
    }


def settled(runs: Sequence[SeatResult]) -> HeadsetModel:
    """What the model's limits are to be narrowed by, from all runs of one seat. Raises CalibrationRefused."""
    measured = [_healthy(run) for run in runs]
    ids = {
        device.usb_id for run in runs if run.heard for device in (run.heard.microphone, run.heard.earphones)
    }
    model = ids.pop() if len(ids) == 1 else None
    if model is None:
        text = N_("{seat}: its USB id does not tell the model of this headset")
        raise CalibrationRefused(text, seat=runs[0].seat)
    for ear in ("left", "right"):
        gains = [getattr(one, ear).gain_db for one in measured]
        spread = max(gains) - min(gains)
        if not spread <= MOST_SPREAD_DB:
            raise CalibrationRefused(
                N_("{seat}: the runs differ by {spread} dB, more than {most} dB"),
                spread=round(spread, 1),
                most=round(MOST_SPREAD_DB),
                seat=runs[0].seat,
            )
    found = calibrate(model, measured)
    return HeadsetModel(
        model,
        round(found.left_db, 1),
        round(found.right_db, 1),
        found.low_sign < 0,
        round(found.noise_dbfs, 1),
    )


def loudness(limits: Limits, calibration: Calibration | None) -> tuple[float, float]:
    """How quiet and how loud the louder ear may be, dB: what labcheck.headset.rules.loudness goes by."""
    low, high = limits.least_gain_db, limits.most_gain_db
    if calibration is None:
        return low, high
    louder = calibration.louder_db
    return max(low, louder - limits.model_db), min(high, louder + limits.model_db)


def least_sides_db(limits: Limits) -> float:
    """By so much a model's ears must differ for left and right to be told, dB."""
    return limits.swap_sigmas * _GAIN_ERROR_DB


def _healthy(run: SeatResult) -> Measures:
    """Its measures. Raises CalibrationRefused when anything of it is not well."""
    for finding in run.findings:
        if finding.outcome is not Outcome.PASS:
            said = finding.measured
            raise CalibrationRefused(
                N_("{seat}: this headset is not well: {why}"),
                seat=run.seat,
                why=phrase("{said} [{cause}]", said=said, cause=finding.cause) if finding.cause else said,
            )
    measures = run.measures
    if measures is None or math.isnan(measures.left.gain_db + measures.right.gain_db):
        raise CalibrationRefused(N_("{seat}: nothing was measured"), seat=run.seat)
    return measures
