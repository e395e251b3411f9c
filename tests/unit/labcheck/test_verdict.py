"""Facts and limits to findings: each check by name, and no way from anything but good facts to READY."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.cleaning import TEXT_CHARACTERS, clean
from labcheck.finding import TITLES, Check, Finding
from labcheck.judges.base import LOOK_YOURSELF, Seen
from labcheck.outcome import Outcome, worst
from labcheck.phrase import phrase, size, zone
from labcheck.requirements import (
    Processor,
    Range,
    Requirements,
    Software,
    SoftwareFile,
    SystemVersion,
)
from labcheck.verdict import judge, not_reached, required, verdict
from labcheck.visit import HEARD
from tests.unit.labcheck.workstations import EVERYTHING, SEEN, changed, good, without

PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
NOT_CHECKED = Outcome.NOT_CHECKED


def found(facts: object, check: Check, wanted: Requirements = EVERYTHING, seen: Seen = SEEN) -> Finding:
    (one,) = [finding for finding in judge(facts, wanted, seen) if finding.check is check]
    return one


def seat(facts: object, wanted: Requirements = EVERYTHING, seen: Seen = SEEN) -> Outcome:
    return verdict(judge(facts, wanted, seen), required(wanted))


def test_a_workstation_as_it_should_be_passes_every_check() -> None:
    findings = judge(good(), EVERYTHING, SEEN)
    assert {finding.outcome for finding in findings} == {PASS}, [f for f in findings if f.outcome is not PASS]
    assert not any(str(finding.remedy) for finding in findings)
    assert seat(good()) is PASS
    by_ear = {Check.NUMBERS, Check.VOICE}
    of_other_phases = {Check.CONNECTION, Check.INSTALL, Check.NEIGHBOURS, *HEARD, *by_ear}
    assert {finding.check for finding in findings} == set(Check) - of_other_phases
    assert [finding.check for finding in findings] == list(required(EVERYTHING))
    assert set(TITLES) == set(Check)


HEADSET = good()["sound"]["inputs"][0]
WEBCAM = {**HEADSET, "name": "Веб-камера", "usb_id": "1bcf:2c99", "default": False}

CASES: list[tuple[str, object, Check, Outcome, str, str]] = [
    ("os.version", "6.1.7601", Check.SYSTEM, FAIL, "6.1.7601", "reserve computer"),
    ("os.system", "Darwin", Check.SYSTEM, FAIL, "Windows 10 Pro", "another one"),
    ("os.version", "ten", Check.SYSTEM, NOT_CHECKED, "no sense", "at the computer itself"),
    ("cpu.cores", 1, Check.PROCESSOR, PASS, "1 × 3.6 GHz", ""),
    ("cpu.mhz_max", 2494, Check.PROCESSOR, PASS, "2 × 2.5 GHz", ""),
    ("cpu.mhz_max", 2449, Check.PROCESSOR, FAIL, "2 × 2.4 GHz", "too slow"),
    ("memory.total_mb", 3900, Check.MEMORY, PASS, "3.8 GB", ""),
    ("memory.total_mb", 3583, Check.MEMORY, FAIL, "3.4 GB", "reserve computer"),
    ("memory.total_mb", 512, Check.MEMORY, FAIL, "512 MB", "reserve computer"),
    ("screen.height", 720, Check.SCREEN, FAIL, "1920×720", "1024×768"),
    ("virtual.is_vm", True, Check.VIRTUAL, FAIL, "it is one", "real computer"),
    ("disk.free_mb", 10239, Check.DISK, FAIL, "9.9 GB", "104 MB more"),
    ("disk.free_mb", 10240, Check.DISK, PASS, "10 GB", ""),
    ("disk.writable", False, Check.ANSWERS_WRITABLE, FAIL, "cannot", "administrator"),
    ("disk.path", "C:\\Ответы", Check.ANSWERS_PATH, WARN, "Latin", "trial recording"),
    ("clock.utc", 1_800_000_003.0, Check.CLOCK, PASS, "fast by 3 s", ""),
    ("clock.utc", 1_799_999_800.0, Check.CLOCK, FAIL, "slow by 3 min 20 s", "by the network"),
    ("clock.utc", 1_800_009_000.0, Check.CLOCK, FAIL, "fast by 2 h 30 min", "by the network"),
    ("clock.utc", 0, Check.CLOCK, FAIL, "slow by 20833 days", "by the network"),
    ("clock.utc", 1_800_000_005.1, Check.CLOCK, NOT_CHECKED, "too long", "Check again"),
    ("clock.utc_offset_minutes", 240, Check.TIME_ZONE, FAIL, "UTC+04:00", "UTC+03:00"),
    ("power.ac", False, Check.POWER, FAIL, "battery", "power adapter"),
    ("power.ac", None, Check.POWER, NOT_CHECKED, "no sense", "at the computer itself"),
    ("power", {"ac": None, "battery_percent": None}, Check.POWER, PASS, "no battery", ""),
    ("power.battery_percent", 49, Check.BATTERY, FAIL, "49 %", "50 %"),
    ("power.battery_percent", None, Check.BATTERY, PASS, "no battery", ""),
    ("sleep.suspend_minutes", 15, Check.SLEEP, FAIL, "after 15 min", "never"),
    ("sleep.hibernate_minutes", 180, Check.HIBERNATION, FAIL, "after 180 min", "never"),
    ("updates.pending_reboot", True, Check.UPDATES, FAIL, "restart", "Restart"),
    ("updates.service_active", True, Check.UPDATES, WARN, "under way", "pause"),
    ("processes.0.name", "OBS64.EXE", Check.PROCESSES, FAIL, "obs64", "Close"),
    ("processes.0.name", "zoom", Check.PROCESSES, FAIL, "Zoom.exe", "Zoom.exe"),
    ("processes", [{"name": 5}, {"name": "zoom"}], Check.PROCESSES, FAIL, "Zoom.exe", "Close"),
    ("processes", [], Check.PROCESSES, NOT_CHECKED, "no sense", "at the computer itself"),
    ("remote_control", ["AnyDesk"], Check.REMOTE_CONTROL, FAIL, "AnyDesk", "AnyDesk"),
    ("session.user", None, Check.SESSION, FAIL, "nobody", "Log in"),
    ("session.user", "ivanov_7a", Check.SESSION, FAIL, "another account", "log in as exam"),
    ("session.active", False, Check.SESSION, FAIL, "locked", "Log in"),
    ("session.graphical", False, Check.SESSION, FAIL, "at the screen", "Log in"),
    ("software.installed_version", None, Check.SOFTWARE, FAIL, "not installed", "again"),
    ("software.installed_version", "2.0", Check.SOFTWARE, FAIL, "version 2.0", "again"),
    ("software.sha256", {"oral.exe": "a" * 64}, Check.SOFTWARE_FILES, NOT_CHECKED, "nothing", "at the"),
    ("software.sha256.oral.exe", None, Check.SOFTWARE_FILES, FAIL, "oral.exe", "again"),
    ("sound.inputs", [], Check.HEADSET, FAIL, "no microphone", "another USB socket"),
    ("sound.outputs.0.usb_id", None, Check.HEADSET, FAIL, "no earphones", "another USB socket"),
    ("sound.inputs.0.monitor", True, Check.HEADSET, FAIL, "no microphone", "another USB socket"),
    ("sound.inputs.0.monitor", True, Check.DEFAULT_INPUT, FAIL, "Logitech", "Input: choose"),
    ("sound.inputs", [{**HEADSET, "default": False}], Check.DEFAULT_INPUT, FAIL, "no device", "Input:"),
    ("sound.inputs", [HEADSET, HEADSET], Check.DEFAULT_INPUT, NOT_CHECKED, "no sense", "at the computer"),
    ("sound.outputs", [{**HEADSET, "default": False}], Check.OUTPUT_VOLUME, NOT_CHECKED, "in use", "at the"),
    ("sound.inputs.0.muted", True, Check.INPUT_MUTED, FAIL, "muted", "Switch the microphone on"),
    ("sound.outputs.0.muted", True, Check.OUTPUT_MUTED, FAIL, "muted", "Switch the sound on"),
    ("sound.inputs.0.volume_percent", 39, Check.INPUT_VOLUME, FAIL, "39 %", "between 40 and 100"),
    ("sound.outputs.0.volume_percent", 91, Check.OUTPUT_VOLUME, FAIL, "91 %", "between 20 and 90"),
    ("sound.inputs", [HEADSET, WEBCAM], Check.OTHER_SOUND, WARN, "Веб-камера", "Unplug"),
    ("sound.inputs", [HEADSET, {**WEBCAM, "default": "no"}], Check.DEFAULT_INPUT, NOT_CHECKED, "sense", ""),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "check", "outcome", "measured", "remedy"), CASES)
def test_each_check_by_its_name(
    path: str, value: object, check: Check, outcome: Outcome, measured: str, remedy: str
) -> None:
    facts = changed(path, value) if ".oral." not in path else good()
    if ".oral." in path:
        facts["software"]["sha256"]["oral.exe"] = value
    finding = found(facts, check)
    assert finding.outcome is outcome, finding
    assert measured in str(finding.measured)
    assert remedy in str(finding.remedy)
    assert bool(str(finding.remedy)) == (outcome is not PASS), (
        "a remedy for all that is not well, and only there"
    )
    assert str(finding.limit)
    assert seat(facts).good == outcome.good


def test_the_network_is_what_the_controller_measured_itself() -> None:
    slow = dataclasses.replace(SEEN, network_ms=150.0)
    assert found(good(), Check.NETWORK, seen=slow).outcome is FAIL
    unmeasured = dataclasses.replace(SEEN, network_ms=None)
    assert found(good(), Check.NETWORK, seen=unmeasured).outcome is NOT_CHECKED
    assert found(changed("network.controller_ms", 3.5), Check.NETWORK, seen=unmeasured).outcome is PASS
    assert found(changed("network.controller_ms", 1), Check.NETWORK, seen=slow).outcome is FAIL


def test_without_named_models_the_headset_is_what_is_in_use() -> None:
    any_model = dataclasses.replace(EVERYTHING, headset_usb_ids=())
    facts = changed("sound.inputs", [{**HEADSET, "usb_id": None}, WEBCAM])
    assert found(facts, Check.HEADSET, any_model).outcome is PASS
    assert found(facts, Check.DEFAULT_INPUT, any_model).outcome is PASS
    assert found(facts, Check.OTHER_SOUND, any_model).outcome is WARN
    assert "Веб-камера" in str(found(facts, Check.OTHER_SOUND, any_model).measured)


def test_margins_are_shares_of_the_limit() -> None:
    assert found(changed("disk.free_mb", 20480), Check.DISK).margin == pytest.approx(1.0)
    assert found(changed("disk.free_mb", 5120), Check.DISK).margin == pytest.approx(-0.5)
    assert found(good(), Check.NETWORK).margin == pytest.approx(0.98)
    assert found(good(), Check.SLEEP).margin is None


def test_what_is_not_demanded_is_not_told_and_nothing_demanded_is_never_ready() -> None:
    assert judge(good(), Requirements(), SEEN) == ()
    assert seat(good(), Requirements()) is NOT_CHECKED
    only = Requirements(min_memory_mb=4096)
    assert [finding.check for finding in judge(good(), only, SEEN)] == [Check.MEMORY]
    assert seat(good(), only) is PASS


def test_a_demanded_check_that_is_missing_is_not_green() -> None:
    findings = judge(good(), EVERYTHING, SEEN)
    for finding in findings:
        rest = [other for other in findings if other is not finding]
        assert verdict(rest, required(EVERYTHING)) is NOT_CHECKED
    assert verdict(findings, [*required(EVERYTHING), Check.SOUND_PATH]) is NOT_CHECKED
    assert verdict([], []) is NOT_CHECKED


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.UNTRUSTED, Outcome.TIMED_OUT])
def test_a_workstation_that_was_not_reached_says_why(outcome: Outcome) -> None:
    one = not_reached(outcome, phrase("no route"), phrase("Check the cable."))
    assert verdict([one], required(EVERYTHING)) is outcome
    assert verdict([*judge(good(), EVERYTHING, SEEN), one], required(EVERYTHING)) is outcome
    assert not outcome.good


def test_nothing_at_all_is_not_checked() -> None:
    assert worst([]) is NOT_CHECKED
    assert [outcome for outcome in Outcome if outcome.good] == [PASS, WARN]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
SENSELESS = st.one_of(
    st.sampled_from(
        [math.nan, math.inf, -math.inf, 10**400, -1, "", "4096", "x" * 1_000_000, "\ud800", b"bytes", [], {}]
    ),
    st.text(max_size=5).map(lambda reason: {"unavailable": reason}),
    st.sampled_from([{"unavailable": None}, {"unavailable": "\x1b[2J\u202e" + "y" * 5000}, [[]], [None]]),
)
NEEDED = {
    "os.system": Check.SYSTEM,
    "cpu.cores": Check.PROCESSOR,
    "cpu.mhz_max": Check.PROCESSOR,
    "memory.total_mb": Check.MEMORY,
    "screen.width": Check.SCREEN,
    "screen.height": Check.SCREEN,
    "virtual.is_vm": Check.VIRTUAL,
    "disk.free_mb": Check.DISK,
    "disk.writable": Check.ANSWERS_WRITABLE,
    "clock.utc": Check.CLOCK,
    "clock.utc_offset_minutes": Check.TIME_ZONE,
    "power.ac": Check.POWER,
    "power.battery_percent": Check.BATTERY,
    "sleep.suspend_minutes": Check.SLEEP,
    "sleep.hibernate_minutes": Check.HIBERNATION,
    "updates.pending_reboot": Check.UPDATES,
    "updates.service_active": Check.UPDATES,
    "processes.0.name": Check.PROCESSES,
    "session.user": Check.SESSION,
    "session.graphical": Check.SESSION,
    "session.active": Check.SESSION,
    "software.installed_version": Check.SOFTWARE,
    "software.sha256": Check.SOFTWARE_FILES,
    "sound.inputs.0.monitor": Check.HEADSET,
    "sound.inputs.0.default": Check.DEFAULT_INPUT,
    "sound.outputs.0.default": Check.DEFAULT_OUTPUT,
    "sound.inputs.0.muted": Check.INPUT_MUTED,
    "sound.outputs.0.muted": Check.OUTPUT_MUTED,
    "sound.inputs.0.volume_percent": Check.INPUT_VOLUME,
    "sound.outputs.0.volume_percent": Check.OUTPUT_VOLUME,
}
# A process may be called anything; a version of 1 MB is merely the wrong one.
ANY_TEXT = {"processes.0.name", "software.installed_version", "session.user"}


@given(st.sampled_from(sorted(NEEDED)), SENSELESS)
def test_a_value_that_makes_no_sense_never_passes_its_check(path: str, value: object) -> None:
    if path in ANY_TEXT and value in ("4096", "\ud800"):
        return
    facts = changed(path, value)
    assert not found(facts, NEEDED[path]).outcome.good
    assert not seat(facts).good


@pytest.mark.parametrize("path", sorted(path for path in NEEDED))
def test_a_value_that_is_left_out_is_not_checked(path: str) -> None:
    finding = found(without(path), NEEDED[path])
    assert finding.outcome is NOT_CHECKED
    assert finding.remedy == LOOK_YOURSELF
    assert not seat(without(path)).good


@pytest.mark.parametrize("part", sorted(good()))
def test_a_part_that_is_left_out_or_unavailable_is_never_ready(part: str) -> None:
    if part in {"python", "network"}:  # nothing is demanded of them; the network is measured here
        return
    assert seat(without(part)) is NOT_CHECKED
    facts = changed(part, {"unavailable": "psutil: no such sensor"})
    assert seat(facts) is NOT_CHECKED
    assert any("psutil: no such sensor" in str(f.measured) for f in judge(facts, EVERYTHING, SEEN))


@given(JSON)
def test_garbage_is_never_ready(facts: object) -> None:
    assert not seat(facts).good
    assert not seat(facts, Requirements(min_memory_mb=1)).good


@given(st.sampled_from(sorted(good())), JSON)
def test_garbage_in_one_part_is_never_better_than_the_good(part: str, value: object) -> None:
    if part in {"python", "network", "remote_control"}:
        return
    assert not seat(changed(part, value)).good


@given(st.floats(), st.floats(), st.floats())
def test_a_controller_whose_own_clock_is_mad_never_says_ready(
    asked: float, answered: float, ms: float
) -> None:
    seen = Seen(asked, answered, ms)
    clock, network = found(good(), Check.CLOCK, seen=seen), found(good(), Check.NETWORK, seen=seen)
    if clock.outcome.good:
        assert asked <= answered
        assert max(abs(1_800_000_000.2 - asked), abs(1_800_000_000.2 - answered)) <= 5
    if network.outcome.good:
        assert 0 <= ms <= 100


@given(JSON, st.sampled_from(sorted(good())))
def test_what_is_told_is_short_printable_and_can_be_kept(value: object, part: str) -> None:
    hostile = {
        **good(),
        part: value,
        "remote_control": ["\x1b[31m" + "A" * 5000, "{seat.__class__}", "\ud83d"],
    }
    for finding in judge(hostile, EVERYTHING, SEEN):
        for text in (str(finding.measured), str(finding.limit), str(finding.remedy)):
            assert len(text) < 400
            assert text.isprintable()
            json.dumps(text).encode()
            text.encode()


@given(st.text(max_size=6000))
def test_cleaned_text_is_one_short_line(untrusted: str) -> None:
    line = clean(untrusted)
    assert line.isprintable()
    assert len(line) <= TEXT_CHARACTERS
    line.encode()


def test_nobodys_account_or_folder_is_repeated() -> None:
    facts = changed("session.user", "ivanov_petr_7a")
    facts["disk"]["path"] = "D:\\Иванов Пётр\\answers"
    told = str(judge(facts, EVERYTHING, SEEN))
    assert "ivanov" not in told.casefold()
    assert "Иванов" not in told


LIMITS: dict[str, tuple[Any, str, st.SearchStrategy[Any], bool]] = {
    "min_memory_mb": (Check.MEMORY, "memory.total_mb", st.integers(1, 20_000), True),
    "min_free_disk_mb": (Check.DISK, "disk.free_mb", st.integers(0, 20_000), True),
    "min_battery_percent": (Check.BATTERY, "power.battery_percent", st.integers(0, 100), True),
    "max_network_ms": (Check.NETWORK, "network.controller_ms", st.integers(0, 1000), False),
    "max_clock_offset_s": (Check.CLOCK, "clock.utc", st.integers(0, 100), False),
}
ORDER = [FAIL, NOT_CHECKED, WARN, PASS]


@given(st.sampled_from(sorted(LIMITS)), st.data())
def test_a_stricter_limit_never_makes_it_better(limit: str, data: st.DataObject) -> None:
    check, path, values, higher_is_stricter = LIMITS[limit]
    low, high = sorted(max(1, data.draw(values)) for _ in range(2))  # 0 never is a limit
    value = data.draw(values)
    facts = changed(path, value + (1_800_000_000.2 if path == "clock.utc" else 0))
    seen = dataclasses.replace(SEEN, network_ms=None)
    loose, strict = (low, high) if higher_is_stricter else (high, low)
    before = found(facts, check, dataclasses.replace(EVERYTHING, **{limit: loose}), seen)
    after = found(facts, check, dataclasses.replace(EVERYTHING, **{limit: strict}), seen)
    assert ORDER.index(after.outcome) <= ORDER.index(before.outcome)
    if before.margin is not None and after.margin is not None and PASS is before.outcome is after.outcome:
        assert after.margin <= before.margin + 1e-9


@given(st.sampled_from(["min_memory_mb", "min_free_disk_mb", "min_battery_percent"]), st.data())
def test_more_is_never_worse(limit: str, data: st.DataObject) -> None:
    check, path, values, _higher = LIMITS[limit]
    less, more = sorted([data.draw(values), data.draw(values)])
    wanted = dataclasses.replace(EVERYTHING, **{limit: data.draw(values)})
    a, b = found(changed(path, less), check, wanted), found(changed(path, more), check, wanted)
    assert ORDER.index(a.outcome) <= ORDER.index(b.outcome)


def test_the_margin_says_the_same_as_the_outcome() -> None:
    for free in (0, 1, 10239, 10240, 10241, 10**6):
        finding = found(changed("disk.free_mb", free), Check.DISK)
        assert finding.margin is not None
        assert (finding.margin >= 0) == (finding.outcome is PASS)


def test_another_system_of_the_list_will_do() -> None:
    facts = good()
    facts["os"] |= {"system": "Linux", "name": "ALT Education", "version": "10.2"}
    assert found(facts, Check.SYSTEM).outcome is PASS
    facts["os"]["name"] = "Debian GNU/Linux"
    assert found(facts, Check.SYSTEM).outcome is FAIL
    any_linux = dataclasses.replace(EVERYTHING, systems=(SystemVersion("linux"),))
    facts["os"]["version"] = "rolling"
    assert found(facts, Check.SYSTEM, any_linux).outcome is PASS


def test_limits_are_told_in_words() -> None:
    limits = {f.check: str(f.limit) for f in judge(good(), EVERYTHING, SEEN)}
    assert limits[Check.SYSTEM] == "ALT 10, Windows 10 or newer"
    assert limits[Check.PROCESSOR] == "2 × 2.5 GHz or 1 × 3.0 GHz"
    assert limits[Check.MEMORY] == "at least 4 GB"
    assert limits[Check.CLOCK] == "wrong by at most 5 s"
    assert limits[Check.SOFTWARE] == "Станция записи 2.1"
    assert str(zone(-210)) == "UTC-03:30"
    assert str(size(1023.9)) == "1023 MB"


def test_what_is_signed_is_what_sha256sum_writes() -> None:
    files = (SoftwareFile("oral.exe", "a" * 64),)
    assert Software("Oral", "2.1", files).manifest() == b"Oral 2.1\n" + b"a" * 64 + b"  oral.exe\n"


def test_words_come_in_the_readers_language() -> None:
    words = {"{whole}.{tenth} GB": "{whole},{tenth} ГБ", "at least {size}": "не меньше {size}"}
    wanted = dataclasses.replace(EVERYTHING, min_memory_mb=3500)
    limit = found(good(), Check.MEMORY, wanted).limit
    assert limit.said(lambda text: words.get(text, text)) == "не меньше 3,4 ГБ"


def test_requirements_are_values() -> None:
    assert Requirements(processors=(Processor(2, 2500),)) == Requirements(processors=(Processor(2, 2500),))
    assert hash(EVERYTHING) == hash(dataclasses.replace(EVERYTHING))
    assert dataclasses.replace(EVERYTHING, input_volume=Range(0, 100)) != EVERYTHING
