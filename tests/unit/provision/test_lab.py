"""The profile of an inventory as the lab's library takes it."""

from __future__ import annotations

import datetime as dt

from labcheck.finding import Check
from labcheck.headset.test import plan_of
from labcheck.requirements import Processor, Range, Requirements, Steps, SystemVersion
from labcheck.verdict import required
from labcheck.visit import HEARD
from provision.lab import requirements_of
from provision.site.labrules import LabRules
from tests.unit.provision.plan.school import inventory

NOON = dt.datetime(2027, 4, 15, 9, 0, tzinfo=dt.UTC)


def requirements(zone: str = "Europe/Moscow", **lab: object) -> Requirements:
    site = inventory(profile={"lab": lab})
    school = site.school.model_copy(update={"time_zone": zone})
    return requirements_of(site.model_copy(update={"school": school}), NOON)


def test_the_usual_values_demand_everything_but_software() -> None:
    usual = requirements()
    assert usual.systems == (SystemVersion("windows", "10"), SystemVersion("linux"))
    assert usual.processors == (Processor(2, 2500), Processor(1, 3000))
    assert (usual.min_memory_mb, usual.min_free_disk_mb, usual.min_screen) == (4096, 10240, (1024, 768))
    assert (usual.input_volume, usual.output_volume) == (Range(40, 100), Range(30, 90))
    assert usual.software is None
    by_ear = {Check.NUMBERS, Check.VOICE}
    of_other_phases = {Check.CONNECTION, Check.INSTALL, Check.NEIGHBOURS, *HEARD, *by_ear}
    software = {Check.SOFTWARE, Check.SOFTWARE_FILES}
    assert set(required(usual)) == set(Check) - of_other_phases - software


def test_a_calibrated_model_is_tested_by_its_own_limits_and_changes_what_is_demanded() -> None:
    one = {
        "model": "046D:0A44", "left_db": -37.2, "right_db": -40.1, "noise_dbfs": -62.0, "inverted": True,
        "test_microphone_level": 80, "test_volume": 80,
    }  # fmt: skip
    wanted = requirements(headset_calibrations=[one])
    kept = plan_of(wanted).calibrations["046d:0a44"]
    assert (kept.left_db, kept.right_db, kept.low_sign, kept.noise_dbfs) == (-37.2, -40.1, -1.0, -62.0)
    assert wanted != requirements(), "a result of before says nothing now"


def test_the_zone_is_the_schools_at_that_time() -> None:
    assert requirements().utc_offset_minutes == 180
    assert requirements("Asia/Vladivostok").utc_offset_minutes == 600
    assert requirements("Europe/Berlin").utc_offset_minutes == 120


def test_nothing_and_zero_demand_nothing() -> None:
    none = requirements(
        systems=[], processors=[], memory_gb=0, free_disk_gb=0, screen="", clock_seconds=0, mains=False,
        battery_percent=0, sleep_allowed=True, updates_allowed=True, forbidden_programs=[],
        remote_control_allowed=True, virtual_allowed=True, network_ms=0, headset=False, exam_session=False,
    )  # fmt: skip
    assert set(required(none)) == {Check.ANSWERS_WRITABLE, Check.ANSWERS_PATH, Check.TIME_ZONE}


def test_a_screen_may_be_written_with_a_cyrillic_letter() -> None:
    assert requirements(screen="1280х1024").min_screen == (1280, 1024)


def test_software_by_system() -> None:
    rule = {
        "name": "Станция", "version": "2.1", "folder": "software", "process": "oral.exe",
        "files": [{"path": "sub/setup.exe", "sha256": "AB" * 32}],
        "windows": {"install": ["setup.exe", "/S"], "answers": "C:\\answers"},
    }  # fmt: skip
    software = requirements(software=rule).software
    assert software is not None
    assert dict(software.steps) == {"windows": Steps(("setup.exe", "/S"), (), (), "C:\\answers")}
    assert (software.files[0].path, software.files[0].sha256) == ("sub/setup.exe", "ab" * 32)
    assert hash(requirements(software=rule)) == hash(requirements(software=rule))


def test_the_defaults_are_those_that_the_library_understands() -> None:
    assert requirements() == requirements(**LabRules().model_dump(mode="json"))
