"""The language lab, from the inventory's side."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from types import MappingProxyType
from zoneinfo import ZoneInfo

from labcheck.requirements import (
    HeadsetModel,
    HeadsetTest,
    Processor,
    Range,
    Requirements,
    Software,
    SoftwareFile,
    Steps,
    SystemVersion,
)
from provision.site.labrules import LabRules, SoftwareRule, StepsRule
from provision.site.model import Inventory, Workstation

_MB = 1024


def requirements_of(inventory: Inventory, at: dt.datetime) -> Requirements:
    """What the profile demands of a workstation; ``at`` is when, for the time zone's offset."""
    rules = inventory.profile.lab
    offset = at.astimezone(ZoneInfo(inventory.school.time_zone)).utcoffset() or dt.timedelta()
    return Requirements(
        systems=tuple(SystemVersion(s.system.value, s.version, s.name) for s in rules.systems),
        processors=tuple(Processor(p.cores, round(p.ghz * 1000)) for p in rules.processors),
        min_memory_mb=round(rules.memory_gb * _MB) or None,
        min_free_disk_mb=round(rules.free_disk_gb * _MB) or None,
        answers_writable=True,
        plain_answers_path=True,
        min_screen=_screen(rules),
        max_clock_offset_s=float(rules.clock_seconds) or None,
        utc_offset_minutes=round(offset.total_seconds() / 60),
        ac_power=rules.mains,
        min_battery_percent=rules.battery_percent or None,
        forbid_sleep=not rules.sleep_allowed,
        forbid_updates=not rules.updates_allowed,
        forbid_processes=rules.forbidden_programs,
        forbid_remote_control=not rules.remote_control_allowed,
        forbid_vm=not rules.virtual_allowed,
        max_network_ms=float(rules.network_ms) or None,
        headset=rules.headset,
        headset_test=headset_test_of(inventory) if rules.headset and rules.headset_test else None,
        headset_usb_ids=tuple(model.lower() for model in rules.headset_models),
        input_volume=_range(rules.microphone_level) if rules.headset else None,
        output_volume=_range(rules.volume) if rules.headset else None,
        exam_session=rules.exam_session,
        exam_user=rules.exam_user,
        software=None if rules.software is None else _software(rules.software),
    )


def terms_of(wanted: Requirements, station: Workstation) -> str:
    """Stands for what is demanded of which computer: a result holds only while this stays the same."""
    who = (station.host, station.port, station.host_key)
    return hashlib.sha256(repr((wanted, who)).encode()).hexdigest()[:16]


def _screen(rules: LabRules) -> tuple[int, int] | None:
    sides = [int(side) for side in re.findall(r"\d+", rules.screen)]
    return (sides[0], sides[1]) if sides else None


def headset_test_of(inventory: Inventory) -> HeadsetTest:
    """How the headsets are tested, whether or not the profile has it done with every check."""
    rules = inventory.profile.lab
    limits = rules.headset_limits.model_dump(exclude_none=True)
    return HeadsetTest(
        rules.test_microphone_level,
        rules.test_volume,
        rules.headset_boom.value,
        tuple(sorted(limits.items())),
        tuple(
            HeadsetModel(one.model.lower(), one.left_db, one.right_db, one.inverted, one.noise_dbfs)
            for one in rules.headset_calibrations
        ),
    )


def _range(text: str) -> Range:
    low, high = text.split("-")
    return Range(int(low), int(high))


def _software(rule: SoftwareRule) -> Software:
    steps = {"windows": rule.windows, "linux": rule.linux}
    return Software(
        rule.name,
        rule.version,
        tuple(SoftwareFile(str(file.path), file.sha256.lower()) for file in rule.files),
        MappingProxyType({system: _steps(step) for system, step in steps.items() if step is not None}),
        rule.process,
        rule.public_key,
        rule.signature,
    )


def _steps(rule: StepsRule) -> Steps:
    return Steps(rule.install, rule.check, rule.uninstall, rule.answers, rule.start)
