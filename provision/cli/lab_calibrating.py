"""A calibration: the runs, what they give beside the limits until now, and whether to keep it."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import click

from labcheck.headset.calibration import (
    RUNS,
    CalibrationRefused,
    calibrations_of,
    least_sides_db,
    loudness,
    settled,
)
from labcheck.headset.demands import limits_of
from labcheck.headset.limits import Calibration
from labcheck.headset.test import SeatResult
from labcheck.requirements import HeadsetModel, HeadsetTest
from labcheck.visit import Visited
from provision.cli.common import emit, fill, warn
from provision.cli.lab_live import LabLive
from provision.cli.lab_scope import Meant, orderly_stop, typed
from provision.cli.lab_tables import trouble_table
from provision.cli.screen import console, table
from provision.errors import N_
from provision.lab import headset_test_of
from provision.labroom import calibrating_task, credentials_of, hear_headset
from provision.locale import gettext as _
from provision.site.calibrations import keep, line_of
from provision.site.labrules import HeadsetCalibration
from provision.site.model import Room, Workstation
from provision.site.site import Site


def measured(
    wanted: Meant, room: Room, station: Workstation, *, ask_passphrase: bool, quiet: bool
) -> tuple[Visited, list[SeatResult], bool]:
    """Test the seat's headset by itself, again and again, until something is wrong; the last visit, what each
    run brought, and whether it was stopped."""
    credentials = credentials_of(wanted.site, room, typed(wanted, ask_passphrase=ask_passphrase))
    task = calibrating_task(wanted.site)
    runs: list[SeatResult] = []
    with orderly_stop() as stop:
        for run in range(1, RUNS + 1):
            if not quiet:
                warn(
                    _("Run {run} of {runs}: quiet, please; nobody touches the headset.").format(
                        run=run, runs=RUNS
                    )
                )
            with LabLive(room, (station,), quiet=quiet) as live:
                visited, results = hear_headset(room, station, task, credentials, live, stop)
            runs += results
            if stop.is_set() or not visited.outcome.good:
                break
        return visited, runs, stop.is_set()


class Calibrating:
    """What came of it; ``written`` once it is in the inventory."""

    def __init__(self, site: Site, room: Room, visited: Visited, runs: Sequence[SeatResult]) -> None:
        """Raises nothing: a headset that is no measure is ``refused``."""
        self._site, self._room, self._visited, self._runs = site, room, visited, runs
        self._test = headset_test_of(site.inventory)
        self._found: HeadsetModel | None = None
        self._refused: CalibrationRefused | None = None
        self.written = False
        if visited.outcome.good:
            try:
                self._found = settled(runs)
            except CalibrationRefused as refused:
                self._refused = refused

    def tell(self, *, yes: bool, as_json: bool) -> None:
        """Show it, ask, and write."""
        if not as_json:
            self._show()
        if self._found is not None and (yes or (not as_json and self._agreed())):
            rules = self._site.inventory.profile.lab
            one = _line(self._found, rules.test_microphone_level, rules.test_volume)
            keep(self._site.inventory_file, one)
            self.written = True
            if not as_json:
                warn(
                    _(
                        "Written into {file}. It holds for every test from now on; what was found before"
                        " went by other limits and counts no longer: check the rooms again."
                    ).format(file=self._site.inventory_file.name)
                )
                warn(f"  {line_of(one)}")
        if as_json:
            emit("labcheck calibrate", self._data())

    def _show(self) -> None:
        out = console()
        if self._found is None:
            shown = trouble_table(self._room, (self._visited,))
            if shown is not None:
                out.print(shown)
            if self._refused is not None:
                warn(fill(self._refused.template, self._refused.params))
            warn(
                _("No measure for others; nothing was written. {remedy}").format(
                    remedy=_(CalibrationRefused.remedy)
                )
            )
            return
        for number, run in enumerate(self._runs, start=1):
            measures = run.measures
            assert measures is not None  # noqa: S101 - told to mypy: settled() had them
            text = _("Run {run}: left {left} dB, right {right} dB, noise {noise} dB")
            gains = {
                "left": measures.left.gain_db,
                "right": measures.right.gain_db,
                "noise": measures.noise_dbfs,
            }
            out.print(text.format(run=number, **{name: f"{value:.1f}" for name, value in gains.items()}))
        rows = [
            (_(what), before, after)
            for what, before, after in zip(_WHAT, self._limits(None), self._limits(self._found), strict=True)
        ]
        title = _("Limits for headsets {model}").format(model=self._found.model)
        out.print(table(title, (N_("what"), N_("until now"), N_("from now on")), rows))

    def _limits(self, new: HeadsetModel | None) -> tuple[str, str]:
        """Loudness, and how left and right are told apart."""
        assert self._found is not None  # noqa: S101 - told to mypy
        test = HeadsetTest(models=(new,)) if new is not None else self._test
        calibration = calibrations_of(test).get(self._found.model)
        limits = limits_of(self._test)
        low, high = loudness(limits, calibration)
        loud = _("{low} to {high} dB").format(low=round(low), high=round(high))
        return loud, _sides(calibration, least_sides_db(limits), self._test.boom)

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            warn(_("Nothing was written: there is nobody to ask. For scripts: --yes"))
            return False
        return click.confirm(_("Is this headset certainly well, and is it to be the measure?"), err=True)

    def _data(self) -> dict[str, object]:
        found, refused = self._found, self._refused
        why = fill(refused.template, refused.params) if refused else None
        return {
            "room": self._room.number,
            "seat": self._visited.seat,
            "outcome": self._visited.outcome.value,
            "refused": why,
            "written": self.written,
            "calibration": found
            and {
                "model": found.model,
                "left_db": found.left_db,
                "right_db": found.right_db,
                "inverted": found.inverted,
                "noise_dbfs": found.noise_dbfs,
            },
        }


_WHAT = (N_("Loudness of the headset"), N_("Left and right exchanged"))


def _sides(calibration: Calibration | None, least_db: float, boom: str) -> str:
    difference = {"left": 3.0, "right": -3.0}.get(boom, 0.0)
    if calibration is not None:
        difference = calibration.difference_db
        if not abs(difference) > least_db:
            return _("cannot be told: both ears are equally loud")
    if not difference or math.isnan(difference):
        return _("cannot be told")
    return _("is told: the left ear is louder") if difference > 0 else _("is told: the right ear is louder")


def _line(found: HeadsetModel, microphone: int, volume: int) -> HeadsetCalibration:
    return HeadsetCalibration(
        model=found.model,
        left_db=found.left_db,
        right_db=found.right_db,
        noise_dbfs=found.noise_dbfs,
        inverted=found.inverted,
        test_microphone_level=microphone,
        test_volume=volume,
    )
