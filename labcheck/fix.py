"""Put right from here what is safe to, on the operator's word; believed only after another look.

What would be done is worked out first, so that it can be shown and asked about; doing it ends with a fresh
reading from the workstation, and only that reading says whether it is done.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from labcheck.cleaning import clean
from labcheck.errors import N_, LabcheckError
from labcheck.facts import Facts, NotKnown
from labcheck.judges.sound import INPUTS, OUTPUTS
from labcheck.link import Link
from labcheck.phrase import Phrase, phrase
from labcheck.requirements import Range, Requirements, Software

SECONDS = 60.0
"""One reading, or one change, may take so long."""
_SAME = 2
"""Per cent: sound systems round a level to steps of their own."""
STAY_SECONDS = 2.0
"""A program that was started must still run after so long."""
_DEVICES, _PROCESSES = 256, 20_000


class What(StrEnum):
    """What can be put right."""

    UNMUTE = "unmute"
    VOLUME = "volume"
    DEFAULT_DEVICE = "default-device"
    RESTART_APP = "restart-app"


class CannotFix(LabcheckError):
    """It is not clear what to do, or the profile does not say how."""

    code = "cannot-fix"
    remedy = N_("See to it at the workstation itself, or give what the message names.")


class Device(NamedTuple):
    """A sound device of a workstation; ``headset``: it fits the profile's models, or any USB device does."""

    id: str
    name: str
    side: str
    used: bool
    muted: bool
    percent: float | None
    headset: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to be done. ``side`` is "inputs" or "outputs", "" for the program; ``said`` what it is."""

    what: What
    side: str
    device: str
    percent: int
    said: Phrase


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of it. ``done`` is what a fresh reading shows; False also when none could be had, and
    ``why`` says so."""

    change: Change
    done: bool
    after: Phrase
    why: LabcheckError | None = None


def devices(link: Link, wanted: Requirements) -> tuple[Device, ...]:
    """The sound devices there, read now; monitors left out. Raises CannotFix."""
    request = {"only": ["sound"], "exam_user": wanted.exam_user}
    facts = Facts(link.call("facts", request, deadline=SECONDS))
    try:
        return tuple(
            _device(item, side, wanted)
            for side in (INPUTS, OUTPUTS)
            for item in facts.items("sound", side, most=_DEVICES)
            if not item.flag("monitor")
        )
    except NotKnown as why:
        raise CannotFix(why.reason.template, **why.reason.params) from None


def _device(item: Facts, side: str, wanted: Requirements) -> Device:
    usb_id = None if item.is_null("usb_id") else item.text("usb_id").casefold()
    models = {model.casefold() for model in wanted.headset_usb_ids}
    level = None if item.is_null("volume_percent") else item.number("volume_percent", low=0, high=1000)
    headset = usb_id in models if models else usb_id is not None
    name = clean(item.text("name"), 40)
    return Device(item.text("id"), name, side, item.flag("default"), item.flag("muted"), level, headset)


# What would be done. Pure.


def changes(
    what: What,
    there: Sequence[Device],
    wanted: Requirements,
    *,
    percent: int | None = None,
    device: str = "",
    sides: Sequence[str] = (INPUTS, OUTPUTS),
) -> tuple[Change, ...]:
    """What would be done; nothing where all is as it should be. ``device``: the id or name of the one to use.

    Raises CannotFix."""
    here = [one for one in there if one.side in sides]
    if what is not What.DEFAULT_DEVICE and not all(any(d.used for d in here if d.side == s) for s in sides):
        raise CannotFix(N_("no sound device is in use there; plug the headset in"))
    if what is What.UNMUTE:
        return tuple(
            Change(what, d.side, d.id, 0, _about(N_("switch the sound on: {name}"), d))
            for d in here
            if d.used and d.muted
        )
    if what is What.VOLUME:
        return tuple(_levels(here, wanted, percent))
    return tuple(_defaults(here, device, sides))


def _levels(here: Sequence[Device], wanted: Requirements, percent: int | None) -> Iterator[Change]:
    limits = {INPUTS: wanted.input_volume, OUTPUTS: wanted.output_volume}
    for one in here:
        limit = limits[one.side] or Range(1, 100)
        if not one.used or (percent is None and one.percent is not None and _within(one.percent, limit)):
            continue
        level = percent if percent is not None else (limit.low + limit.high) // 2
        said = _about(
            N_("set the level from {before} to {percent} %: {name}"),
            one,
            before="?" if one.percent is None else round(one.percent),
            percent=level,
        )
        yield Change(What.VOLUME, one.side, one.id, level, said)


def _within(percent: float, limit: Range) -> bool:
    return limit.low <= percent <= limit.high


def _defaults(here: Sequence[Device], device: str, sides: Sequence[str]) -> Iterator[Change]:
    for side in sides:
        fit = [d for d in here if d.side == side and (device in {d.id, d.name} if device else d.headset)]
        names = ", ".join(d.name for d in here if d.side == side)
        if not names:
            raise CannotFix(N_("the computer has no sound device; plug the headset in"))
        if any(d.used for d in fit):
            continue
        if len(fit) != 1 and not device:
            raise CannotFix(N_("which device is the headset? Say --device; there are: {names}"), names=names)
        yield from (
            Change(What.DEFAULT_DEVICE, side, one.id, 0, _about(N_("use this device: {name}"), one))
            for one in fit[:1]
        )
    if device and not any(device in {d.id, d.name} for d in here):
        names = ", ".join(d.name for d in here)
        raise CannotFix(N_("no device there is called that; there are: {names}"), names=names)


def _about(template: str, device: Device, **more: object) -> Phrase:
    return phrase(template, name=device.name, **more)


def restart(software: Software | None, system: str) -> Change:
    """The change that starts the exam program anew. Raises CannotFix."""
    steps = software and software.steps.get(system)
    if software is None or not steps or not steps.start or not software.process:
        raise CannotFix(
            N_("the profile does not say how the exam program is started (software: process, start)")
        )
    said = phrase(N_("end the exam program where it runs, and start it anew: {name}"), name=software.name)
    return Change(What.RESTART_APP, "", "", 0, said)


# Doing it


def apply(link: Link, change: Change, wanted: Requirements) -> Fixed:
    """Do it, and look again; whatever the workstation says of its own success does not count.

    Raises nothing of LabcheckError: that is in the result."""
    try:
        link.call("fix", _request(link, change, wanted), deadline=SECONDS)
    except LabcheckError as failed:
        return Fixed(change, done=False, after=phrase(N_("not verified")), why=failed)
    try:
        return _look_again(link, change, wanted)
    except LabcheckError as failed:
        return Fixed(change, done=False, after=phrase(N_("not verified")), why=failed)


def _request(link: Link, change: Change, wanted: Requirements) -> dict[str, Any]:
    request: dict[str, Any] = {"what": change.what.value, "exam_user": wanted.exam_user}
    software = wanted.software
    if change.what is What.RESTART_APP and software is not None:
        start = software.steps[link.hello.system].start
        return {**request, "process": software.process, "command": list(start), "software": software.name}
    direction = "input" if change.side == INPUTS else "output"
    return {**request, "direction": direction, "id": change.device, "percent": change.percent}


def _look_again(link: Link, change: Change, wanted: Requirements) -> Fixed:
    if change.what is What.RESTART_APP:
        return _running(link, change, wanted)
    there = devices(link, wanted)
    one = next((d for d in there if d.side == change.side and d.id == change.device), None)
    if one is None:
        return Fixed(change, done=False, after=phrase(N_("the device is gone")))
    done = {
        What.UNMUTE: not one.muted,
        What.VOLUME: one.percent is not None and abs(one.percent - change.percent) <= _SAME,
        What.DEFAULT_DEVICE: one.used,
    }[change.what]
    state = N_("muted") if one.muted else N_("switched on")
    level = "?" if one.percent is None else round(one.percent)
    template = N_("{name}: {state}, {percent} %, in use") if one.used else N_("{name}: {state}, {percent} %")
    return Fixed(change, done, phrase(template, name=one.name, state=phrase(state), percent=level))


def _running(link: Link, change: Change, wanted: Requirements) -> Fixed:
    """Whether the same process is there twice: a program that crashes as it starts does not count."""
    name = wanted.software.process if wanted.software else ""
    first = _processes(link, name)
    time.sleep(STAY_SECONDS)
    stays = first & _processes(link, name)
    return Fixed(change, bool(stays), phrase(N_("runs")) if stays else phrase(N_("does not run")))


def _processes(link: Link, name: str) -> frozenset[int]:
    facts = Facts(link.call("facts", {"only": ["processes"]}, deadline=SECONDS))
    try:
        return frozenset(
            item.whole("pid", low=0, high=1 << 40)
            for item in facts.items("processes", most=_PROCESSES)
            if _plain(item.text("name")) == _plain(name)
        )
    except NotKnown as why:
        raise CannotFix(why.reason.template, **why.reason.params) from None


def _plain(name: str) -> str:
    return name.casefold().removesuffix(".exe")
