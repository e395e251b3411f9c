"""One look after another at a workstation, and the incidents that begin and end with it. Pure: no clock, no
network.

What cannot be seen is an incident of its own, never a workstation that is well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from labcheck import listening
from labcheck.cleaning import clean
from labcheck.errors import N_
from labcheck.facts import Facts, NotKnown
from labcheck.incidents import Incident, Kind
from labcheck.judges.sound import INPUTS, OUTPUTS
from labcheck.listening import MICROPHONE
from labcheck.phrase import NOTHING, Phrase, phrase, size

_DEVICES, _FILES, _PIDS = 256, 20_000, 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """When something is an incident, and what is looked at: ``program`` and ``answers`` only where the
    profile names a process and a folder.

    The program must not end once it ran: before, its pupil has not begun. ``still_s``: an answer that grew
    may be still for so long; ``answer_s``: how long an answer takes from its first sign, None: not known."""

    min_free_disk_mb: int
    min_battery_percent: int
    mains: bool = True
    headset_usb_ids: tuple[str, ...] = ()
    headset: bool = True
    session: bool = True
    program: bool = True
    answers: bool = True
    still_s: float = 60.0
    answer_s: float | None = None
    hum_dbfs: float = -58.0
    """As loud the microphone's hum may be, at the level of the headsets' test: ``test_percent``."""
    test_percent: int = 80
    noise_dbfs: float | None = None
    """What the check found of the microphone's noise; None: it does not say."""


@dataclass(frozen=True, slots=True)
class _File:
    """An answer: its largest size, when it was seen first and when it last became larger; ``begun``: it came
    while we watched."""

    size: int
    first: dt.datetime
    grew: dt.datetime
    begun: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a seat. ``seen`` is the last look, ``open`` the incidents that last."""

    seat: str
    limits: Limits
    open: Mapping[Kind, Incident] = field(default_factory=dict)
    seen: dt.datetime | None = None
    devices: Mapping[str, str] = field(default_factory=dict)
    """Side -> the device that was in use at first."""
    pids: frozenset[int] | None = None
    """Of the program when it ran last; None: it has not been seen running."""
    files: Mapping[str, _File] = field(default_factory=dict, repr=False)
    heard: listening.Heard = listening.NOT_YET
    """Of the microphone."""


Step = tuple[Watched, tuple[Incident, ...]]
"""The new state, and what began or ended with it."""


def resumed(seat: str, limits: Limits, lasting: Iterable[Incident]) -> Watched:
    """The beginning; ``lasting`` are incidents of an earlier watch that had not ended."""
    return Watched(seat, limits, {incident.kind: incident for incident in lasting if incident.ended is None})


def silent(before: Watched, at: dt.datetime, why: Phrase, *, untrusted: bool = False) -> Step:
    """Nothing comes from the seat. What lasted there goes on lasting: nobody saw it end."""
    kind = Kind.UNTRUSTED if untrusted else Kind.SILENT
    return _settle(before, at, {kind: why}, keep=frozenset(Kind) - {kind})


def look(before: Watched, at: dt.datetime, untrusted: object) -> Step:
    """A look came: a progress message of the agent's ``watch``, as somebody else's word."""
    facts = Facts(untrusted)
    found: dict[Kind, Phrase] = {}
    unknown: list[Phrase] = []
    keep: set[Kind] = set()
    state = before
    for kinds, part in _PARTS:
        try:
            state, noted = part(state, facts, at)
            found |= noted
        except NotKnown as why:
            if _wanted(before.limits, kinds):
                unknown.append(why.reason)
                keep |= kinds
    if unknown:
        found[Kind.BLIND] = unknown[0]
    return _settle(replace(state, seen=at), at, found, frozenset(keep))


def _wanted(limits: Limits, kinds: frozenset[Kind]) -> bool:
    """Whether it matters that these cannot be told."""
    return limits.session if kinds == {Kind.SESSION} else True


def _settle(state: Watched, at: dt.datetime, found: Mapping[Kind, Phrase], keep: frozenset[Kind]) -> Step:
    """Begin what is found, end what is not; ``keep`` cannot be told, and stays as it is."""
    lasting = dict(state.open)
    changed = []
    for kind in Kind:
        before = lasting.get(kind)
        if kind in found and before is None:
            begun = Incident(state.seat, kind, at, found[kind])
            if kind is Kind.RESTARTED:  # it is over when it is seen
                begun = replace(begun, ended=at)
            else:
                lasting[kind] = begun
            changed.append(begun)
        elif kind in found and before is not None:
            lasting[kind] = replace(before, detail=found[kind])
        elif before is not None and kind not in keep:
            del lasting[kind]
            changed.append(replace(before, ended=max(at, before.noted)))
    return replace(state, open=lasting), tuple(changed)


# The parts of a look. Each raises NotKnown when it cannot be had.

Part = tuple[Watched, dict[Kind, Phrase]]


def _disk(state: Watched, facts: Facts, _at: dt.datetime) -> Part:
    free = facts.number("disk", "free_mb", low=0, high=1e12)
    if not facts.flag("disk", "writable"):
        return state, {Kind.DISK: phrase(N_("nothing can be written there"))}
    few = free < state.limits.min_free_disk_mb
    return state, {Kind.DISK: phrase(N_("{size} free"), size=size(free))} if few else {}


def _power(state: Watched, facts: Facts, _at: dt.datetime) -> Part:
    found = {}
    if not facts.is_null("power", "battery_percent"):
        charge = facts.number("power", "battery_percent", low=0, high=100)
        on_battery = not facts.is_null("power", "ac") and not facts.flag("power", "ac")
        said = phrase(N_("{count} %"), count=round(charge))
        if on_battery and charge < state.limits.min_battery_percent:
            found[Kind.BATTERY] = said
        if on_battery and state.limits.mains:
            found[Kind.MAINS] = said
    return state, found


def _session(state: Watched, facts: Facts, _at: dt.datetime) -> Part:
    nobody = state.limits.session and facts.is_null("session", "user")
    return state, {Kind.SESSION: NOTHING} if nobody else {}


def _program(state: Watched, facts: Facts, _at: dt.datetime) -> Part:
    if not state.limits.program:
        return state, {}
    pids = frozenset(item.whole(low=0, high=1 << 40) for item in facts.items("process", "pids", most=_PIDS))
    if not pids:
        ended = bool(state.pids) or Kind.PROGRAM in state.open
        return state, {Kind.PROGRAM: NOTHING} if ended else {}
    anew = state.pids is not None and not pids & state.pids and Kind.PROGRAM not in state.open
    return replace(state, pids=pids), {Kind.RESTARTED: NOTHING} if anew else {}


def _sound(state: Watched, facts: Facts, _at: dt.datetime) -> Part:
    if not state.limits.headset:
        return state, {}
    found: dict[Kind, Phrase] = {}
    first = dict(state.devices)
    for side in _SIDES:
        devices = [_device(item, state.limits) for item in facts.items("sound", side.name, most=_DEVICES)]
        used = next((device for device in devices if device.used), None)
        first[side.name], noted = _in_use(side, devices, used, first.get(side.name, ""))
        found |= noted
        if used is not None and used.muted:
            found[side.muted] = NOTHING
        if used is not None and used.percent is not None and used.percent < 1:
            found[side.zero] = NOTHING
    if Kind.UNPLUGGED in found:  # that another one is used then is no news
        found.pop(Kind.SWITCHED, None)
    return replace(state, devices=first), found


class _Side(NamedTuple):
    name: str
    none: Phrase
    muted: Kind
    zero: Kind


_SIDES = (
    _Side(INPUTS, phrase(N_("no microphone")), Kind.INPUT_MUTED, Kind.INPUT_ZERO),
    _Side(OUTPUTS, phrase(N_("no earphones")), Kind.OUTPUT_MUTED, Kind.OUTPUT_ZERO),
)


class _Device(NamedTuple):
    """``mine``: it may be the headset; ``sure``: it is one."""

    id: str
    name: str
    mine: bool
    sure: bool
    used: bool
    muted: bool
    percent: float | None
    empty: bool


def _device(facts: Facts, limits: Limits) -> _Device:
    usb_id = None if facts.is_null("usb_id") else facts.text("usb_id").casefold()
    model = usb_id in limits.headset_usb_ids if limits.headset_usb_ids else True
    mine = model and not facts.flag("monitor")
    level = None if facts.is_null("volume_percent") else facts.number("volume_percent", low=0, high=1000)
    return _Device(
        facts.text("id"),
        clean(facts.text("name"), 40),
        mine,
        mine and usb_id is not None,
        facts.flag("default"),
        facts.flag("muted"),
        level,
        not facts.is_null("plugged") and not facts.flag("plugged"),
    )


def _in_use(
    side: _Side, devices: Sequence[_Device], used: _Device | None, first: str
) -> tuple[str, dict[Kind, Phrase]]:
    """The device that is to be in use, and what is wrong with the one that is.

    ``first`` was in use before, "" when nothing was yet. When it is gone another headset may replace it."""
    there = {device.id for device in devices if device.mine}
    if used is not None and used.empty:
        return first, {Kind.UNPLUGGED: phrase(N_("nothing is in the socket"))}
    if used is not None and used.mine and (not first or (first not in there and used.sure)):
        return used.id, {}
    if used is None or not there or (first and first not in there):
        return first, {Kind.UNPLUGGED: side.none}
    if not used.mine or used.id != first:
        return first, {Kind.SWITCHED: phrase("{name}", name=used.name)}
    return first, {}


def _microphone(state: Watched, facts: Facts, _at: dt.datetime) -> Part:
    """What was listened to since the last look; without any, all stays as it was."""
    limits = state.limits
    lasting = {kind: state.open[kind].detail for kind in listening.KINDS if kind in state.open}
    if not limits.headset or not facts.has(MICROPHONE):
        return state, lasting if limits.headset else {}
    allowed = listening.Allowed(limits.hum_dbfs, limits.test_percent, limits.noise_dbfs)
    heard, found = listening.hear(state.heard, facts, allowed)
    return replace(state, heard=heard), lasting if heard.why is not None else found


def _answers(state: Watched, facts: Facts, at: dt.datetime) -> Part:
    if not state.limits.answers:
        return state, {}
    sizes = {
        item.text("path"): item.whole("size", low=0, high=1 << 50)
        for item in facts.items("answers", most=_FILES)
    }
    files, found = dict(state.files), {}
    for path, count in sizes.items():
        known = files.get(path)
        if known is None:
            files[path] = _File(count, at, at, state.seen is not None)
        elif count > known.size:
            files[path] = replace(known, size=count, grew=at)
    gone = _gone(state.files, sizes)
    for path in set(state.files) - set(sizes) - gone:
        del files[path]  # it has another name now
    if gone:
        most = max(files[path].size for path in gone)
        found[Kind.ANSWER_LOST] = phrase(N_("it had {count} bytes"), count=most)
    latest = max(files.values(), key=lambda file: (file.grew, file.first), default=None)
    if latest is not None and _stopped(latest, at, state.limits):
        seconds = round((at - latest.grew).total_seconds())
        found[Kind.ANSWER_STILL] = phrase(N_("for {seconds} s"), seconds=seconds)
    return replace(state, files=files), found


def _gone(files: Mapping[str, _File], sizes: Mapping[str, int]) -> frozenset[str]:
    """The answers that are smaller than they were, or away and not found again under a new name."""
    new = sorted(count for path, count in sizes.items() if path not in files)
    missed = set()
    for path, known in sorted(files.items(), key=lambda item: item[1].size):
        if not known.size or sizes.get(path, 0) >= known.size:
            continue
        heir = next((count for count in new if count >= known.size), None) if path not in sizes else None
        if heir is None:
            missed.add(path)
        else:
            new.remove(heir)
    return frozenset(missed)


def _stopped(latest: _File, at: dt.datetime, limits: Limits) -> bool:
    """Whether the answer that grew last has stopped too early."""
    grown = latest.grew > latest.first
    if not grown and (latest.size or not latest.begun):  # it was whole when it came, or was there before
        return False
    if (at - latest.grew).total_seconds() < limits.still_s:
        return False
    lasted = (latest.grew - latest.first).total_seconds()
    return limits.answer_s is None or lasted < limits.answer_s


_SOUND = frozenset({Kind.UNPLUGGED, Kind.SWITCHED, *(s.muted for s in _SIDES), *(s.zero for s in _SIDES)})
_PARTS = (
    (frozenset({Kind.DISK}), _disk),
    (frozenset({Kind.BATTERY, Kind.MAINS}), _power),
    (frozenset({Kind.SESSION}), _session),
    (frozenset({Kind.PROGRAM}), _program),
    (_SOUND, _sound),
    (frozenset(listening.KINDS), _microphone),
    (frozenset({Kind.ANSWER_LOST, Kind.ANSWER_STILL}), _answers),
)
