"""A model's limits are narrowed by a headset that is well, alike in every run, and known by its USB id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcheck.finding import Check, Finding
from labcheck.headset.acoustics import Ear, Measures
from labcheck.headset.asking import Device, Heard
from labcheck.headset.calibration import CalibrationRefused, calibrations_of, loudness, settled
from labcheck.headset.causes import Cause
from labcheck.headset.limits import Limits
from labcheck.headset.test import SeatResult
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.requirements import HeadsetTest
from tests.unit.labcheck.headset.rooms import microphone, recorded

WELL = Finding(Check.EARS, Outcome.PASS, phrase("both ears heard"))
DEAD = Finding(Check.EARS, Outcome.FAIL, phrase("left below -79 dB"), cause=Cause.DEAD_LEFT)
HEADSET = Device("USB", "046d:0a44", monitor=False)
RECORDING = recorded(microphone()[:100])


def run(
    left: float = -37.0,
    right: float = -40.0,
    microphone: Device = HEADSET,
    found: Finding = WELL,
    low_sign: float = 0.9,
) -> SeatResult:
    ears = (Ear(heard=True, gain_db=left), Ear(heard=True, gain_db=right))
    measures = Measures(
        seat=0, rate=48_000, seconds=9.0, left=ears[0], right=ears[1], low_sign=low_sign, noise_dbfs=-62.04
    )
    heard = Heard(RECORDING, microphone, HEADSET, 0.0)
    return SeatResult("1А", 0, heard, None, measures, (found,))


def test_the_medians_become_limits_of_the_model() -> None:
    found = settled([run(-37.0), run(-37.3, -40.2), run(-37.11)])
    assert (found.model, found.left_db, found.right_db, found.inverted) == (
        "046d:0a44", -37.1, -40.0, False,
    )  # fmt: skip
    kept = calibrations_of(HeadsetTest(models=(found,)))["046d:0a44"]
    limits = Limits()
    assert loudness(limits, kept) == pytest.approx((-37.1 - limits.model_db, -37.1 + limits.model_db))
    assert loudness(limits, None) == (limits.least_gain_db, limits.most_gain_db)
    assert loudness(limits, replace(kept, left_db=-65.0, right_db=-68.0))[0] == limits.least_gain_db
    assert settled([run(low_sign=-0.9)] * 3).inverted


@pytest.mark.parametrize(
    ("third", "why"),
    [
        (run(found=DEAD), "dead-left"),
        (run(left=-39.5), "the runs differ by 2.5 dB"),
        (run(right=float("nan")), "nothing was measured"),
        (run(microphone=replace(HEADSET, usb_id=None)), "does not tell the model"),
        (run(microphone=replace(HEADSET, usb_id="0d8c:0014")), "does not tell the model"),
        (replace(run(), measures=None), "nothing was measured"),
    ],
)
def test_what_is_no_measure_for_others_is_refused(third: SeatResult, why: str) -> None:
    with pytest.raises(CalibrationRefused) as refused:
        settled([run(), run(), third])
    assert why in str(refused.value)
    assert str(refused.value).startswith("1А: ")
