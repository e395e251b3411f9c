"""The headset as the system sees it: there, in use, switched on, at a fair level, and alone."""

from __future__ import annotations

from dataclasses import dataclass

from labcheck.cleaning import clean
from labcheck.errors import N_
from labcheck.facts import SENSELESS, Facts, NotKnown
from labcheck.finding import Check
from labcheck.judges.base import Judge, Judged, Seen, when, within, yes_no
from labcheck.outcome import Outcome
from labcheck.phrase import Phrase, listed, phrase
from labcheck.requirements import Range, Requirements

INPUTS, OUTPUTS = "inputs", "outputs"
_DEVICES = 256
_LOUDEST = 1000


@dataclass(frozen=True, slots=True)
class _Device:
    """A sound device; ``monitor``: it only repeats what an output plays, and hears nobody."""

    name: str
    usb_id: str | None
    monitor: bool
    default: bool
    facts: Facts


def _devices(facts: Facts, side: str) -> tuple[_Device, ...]:
    found = tuple(_device(item) for item in facts.items("sound", side, most=_DEVICES))
    if sum(device.default for device in found) > 1:
        raise NotKnown(SENSELESS)
    return found


def _device(facts: Facts) -> _Device:
    usb_id = None if facts.is_null("usb_id") else facts.text("usb_id").casefold()
    name = clean(facts.text("name"), 40)
    return _Device(name, usb_id, facts.flag("monitor"), facts.flag("default"), facts)


def _is_headset(device: _Device, wanted: Requirements) -> bool:
    models = {usb_id.casefold() for usb_id in wanted.headset_usb_ids}
    return not device.monitor and (not models or device.usb_id in models)


def _default(facts: Facts, side: str) -> _Device:
    """The device in use. Raises NotKnown when there is none."""
    for device in _devices(facts, side):
        if device.default:
            return device
    raise NotKnown(_NONE_IN_USE)


_NONE_IN_USE = phrase(N_("no device is in use"))


def _headset(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    mic = [d for d in _devices(facts, INPUTS) if _is_headset(d, wanted)]
    ears = [d for d in _devices(facts, OUTPUTS) if _is_headset(d, wanted)]
    if mic and ears:
        return Judged(Outcome.PASS, phrase("{name}", name=mic[0].name))
    if mic:
        measured = phrase(N_("no earphones"))
    elif ears:
        measured = phrase(N_("no microphone"))
    else:
        measured = phrase(N_("no headset"))
    remedy = phrase(
        N_(
            "Pull the headset out and plug it into another USB socket of the computer itself, wait ten "
            "seconds; if it is not found, take a reserve headset."
        )
    )
    return Judged(Outcome.FAIL, measured, None, remedy)


def _headset_limit(wanted: Requirements) -> Phrase | None:
    if not wanted.headset:
        return None
    if wanted.headset_usb_ids:
        return phrase(N_("USB id {ids}"), ids=listed(wanted.headset_usb_ids))
    return phrase(N_("microphone and earphones"))


def _in_use(check: Check, side: str, remedy: str) -> Judge:
    def judge(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
        chosen = [device for device in _devices(facts, side) if device.default]
        good = any(_is_headset(device, wanted) for device in chosen)
        measured = phrase("{name}", name=chosen[0].name) if chosen else _NONE_IN_USE
        return yes_no(good, measured, phrase(remedy))

    return Judge(check, lambda w: when(w.headset, phrase(N_("the headset"))), judge)


def _switched_on(check: Check, side: str, remedy: str) -> Judge:
    def judge(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
        muted = _default(facts, side).facts.flag("muted")
        return yes_no(not muted, phrase(N_("muted") if muted else N_("switched on")), phrase(remedy))

    return Judge(check, lambda w: when(w.headset, phrase(N_("switched on"))), judge)


def _level(check: Check, side: str) -> Judge:
    def wanted_range(wanted: Requirements) -> Range | None:
        return wanted.input_volume if side == INPUTS else wanted.output_volume

    def limit(wanted: Requirements) -> Phrase | None:
        level = wanted_range(wanted)
        return None if level is None else phrase(N_("{low}-{high} %"), low=level.low, high=level.high)

    def judge(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
        level = wanted_range(wanted) or Range(0, 0)
        percent = _default(facts, side).facts.number("volume_percent", low=0, high=_LOUDEST)
        nearest = min(percent - level.low, level.high - percent) / 100
        remedy = phrase(
            N_("Set the level between {low} and {high} % in the sound settings of that computer."),
            low=level.low,
            high=level.high,
        )
        return within(phrase(N_("{count} %"), count=round(percent)), nearest, remedy)

    return Judge(check, limit, judge)


def _others(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    """Microphones and loudspeakers beside the headset, which a system may choose by itself."""
    others = set()
    for side in (INPUTS, OUTPUTS):
        real = [device for device in _devices(facts, side) if not device.monitor]
        mine = [device for device in real if _is_headset(device, wanted)]
        if not wanted.headset_usb_ids:  # any device may be the headset: the one in use is it
            mine = [device for device in real if device.default]
        others |= {device.name for device in real if device not in mine}
    if not others:
        return Judged(Outcome.PASS, phrase(N_("none")))
    names = listed(tuple(others), most=3)
    remedy = phrase(
        N_(
            "Unplug them or disable them in the sound settings, so that the system cannot choose them: "
            "{names}."
        ),
        names=names,
    )
    return Judged(Outcome.WARN, phrase("{names}", names=names), None, remedy)


JUDGES = (
    Judge(Check.HEADSET, _headset_limit, _headset),
    _in_use(
        Check.DEFAULT_INPUT,
        INPUTS,
        N_("Sound settings of that computer, Input: choose the headset's microphone."),
    ),
    _in_use(
        Check.DEFAULT_OUTPUT,
        OUTPUTS,
        N_("Sound settings of that computer, Output: choose the headset's earphones."),
    ),
    _switched_on(
        Check.INPUT_MUTED,
        INPUTS,
        N_("Switch the microphone on: the switch on the headset's cable, then the sound settings."),
    ),
    _switched_on(
        Check.OUTPUT_MUTED,
        OUTPUTS,
        N_(
            "Switch the sound on: the loudspeaker sign beside the clock, and the switch on the headset's "
            "cable."
        ),
    ),
    _level(Check.INPUT_VOLUME, INPUTS),
    _level(Check.OUTPUT_VOLUME, OUTPUTS),
    Judge(Check.OTHER_SOUND, lambda w: when(w.headset, phrase(N_("none"))), _others),
)
