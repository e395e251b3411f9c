"""What is told during the exam, and when: by the profile, from its lines to the incident."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from labcheck.finding import Check, Finding
from labcheck.incidents import Kind
from labcheck.looks import Limits, look, resumed
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.transport.base import Credentials
from provision.lab import requirements_of
from provision.labexam import noises_of, targets
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, record
from tests.unit.labcheck.test_looks import LOOK
from tests.unit.provision.test_labstatus import LAB, START, site

NOW = dt.datetime(2027, 4, 15, 9, 0, tzinfo=dt.UTC)


def limits(**rules: object) -> Limits:
    inventory = site(**rules)
    wanted = requirements_of(inventory, START)
    there = targets(LAB, LAB.workstations, wanted, inventory.profile.lab, Credentials(), {}, None)
    (found,) = {target.limits for target in there}
    return found


def told(free_mb: int, percent: int, **rules: object) -> set[Kind]:
    found: dict[str, Any] = {**LOOK, "power": {"ac": False, "battery_percent": percent}}
    found["disk"] = {**LOOK["disk"], "free_mb": free_mb}
    state, _changed = look(resumed("1А", limits(**rules), ()), NOW, found)
    return set(state.open) & {Kind.DISK, Kind.BATTERY}


@pytest.mark.parametrize(
    ("free_mb", "percent", "rules", "kinds"),
    [
        (500, 15, {}, set()),
        (499, 15, {}, {Kind.DISK}),
        (500, 14, {}, {Kind.BATTERY}),
        (900, 25, {"watch_disk_mb": 1000, "watch_battery_percent": 30}, {Kind.DISK, Kind.BATTERY}),
        (1, 1, {"watch_disk_mb": 0, "watch_battery_percent": 0}, set()),
    ],
)
def test_the_profile_says_when_a_disk_or_battery_is_told(
    free_mb: int, percent: int, rules: dict[str, int], kinds: set[Kind]
) -> None:
    assert told(free_mb, percent, **rules) == kinds


def test_the_results_of_the_morning_hold_whatever_is_told_during_the_exam() -> None:
    wanted = [requirements_of(site(watch_disk_mb=mb), START) for mb in (0, 500)]
    assert wanted[0] == wanted[1]


def test_noise_at_the_check_is_what_a_microphone_is_compared_with(tmp_path: Path) -> None:
    noise = phrase("noise {noise}", noise=phrase("{value} dB", value=-62))
    hum = phrase("hum {hum}", hum=phrase("{value} dB", value=-50))
    with closing(Ledger(tmp_path)) as ledger:
        for seat, said in (("1А", noise), ("1Б", hum)):
            finding = Finding(Check.STILLNESS, Outcome.PASS, said)
            record(ledger, LAB.number, [SeatResult(seat, Outcome.PASS, (finding,), "x")])
        assert noises_of(ledger, LAB) == {"1А": -62.0}
    inventory = site(headset_limits={"hum_dbfs": -50}, test_microphone_level=60)
    wanted = requirements_of(inventory, START)
    rules = inventory.profile.lab
    there = targets(LAB, LAB.workstations, wanted, rules, Credentials(), {}, None, {"1А": -62.0}, 0.0)
    assert [target.limits.noise_dbfs for target in there] == [-62.0, None, None, None]
    assert {(t.limits.hum_dbfs, t.limits.test_percent, t.listen_s) for t in there} == {(-50, 60, 0.0)}
