"""What the computer is: system, processor, memory, screen, and the place for the answers."""

from __future__ import annotations

import re

from labcheck.cleaning import clean
from labcheck.errors import N_
from labcheck.facts import SENSELESS, Facts, NotKnown
from labcheck.finding import Check
from labcheck.judges.base import Judge, Judged, Seen, above, when, within, yes_no
from labcheck.outcome import Outcome
from labcheck.phrase import Phrase, listed, phrase, size, tenths
from labcheck.requirements import Processor, Requirements, SystemVersion

MOST_MB = 1 << 34
"""16 PB: no school has more of anything."""
_SEEN_OF_FITTED = 7 / 8
"""Firmware and a graphics chip without memory of its own keep up to an eighth of what is fitted."""
_HALF_A_TENTH = 50
"""MHz. A processor sold as 2.5 GHz says 2494 of itself: rates are compared to the tenth of a GHz."""
_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,5}")


def _version(text: str) -> tuple[int, ...] | None:
    found = _VERSION.search(text)
    return tuple(int(part) for part in found[0].split(".")) if found else None


def _systems(wanted: Requirements) -> Phrase | None:
    if not wanted.systems:
        return None
    names = tuple(" ".join(filter(None, (s.name or s.system.title(), s.version))) for s in wanted.systems)
    return phrase(N_("{names} or newer"), names=listed(names))


def _system(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    system = facts.text("os", "system").casefold()
    name, version = facts.text("os", "name"), facts.text("os", "version")
    measured = phrase("{name} {version}", name=clean(name, 40), version=clean(version, 30))
    remedy = phrase(
        N_(
            "The system is too old or another one than the exam program is made for: use a reserve "
            "computer, or have the system updated."
        )
    )
    mine = [s for s in wanted.systems if s.system.casefold() == system and _named(s, name)]
    return yes_no(any(_new_enough(s, version) for s in mine), measured, remedy)


def _named(wanted: SystemVersion, name: str) -> bool:
    return wanted.name.casefold() in name.casefold()


def _new_enough(wanted: SystemVersion, version: str) -> bool:
    if not wanted.version:
        return True
    found, least = _version(version), _version(wanted.version)
    if found is None or least is None:
        raise NotKnown(SENSELESS)
    return found >= least


def _processors(wanted: Requirements) -> Phrase | None:
    if not wanted.processors:
        return None
    first, *others = [_speed(p.cores, p.mhz) for p in wanted.processors]
    for other in others:
        first = phrase(N_("{one} or {other}"), one=first, other=other)
    return first


def _speed(cores: int, mhz: float) -> Phrase:
    return tenths(N_("{cores} × {whole}.{tenth} GHz"), (mhz + _HALF_A_TENTH) / 1000, cores=cores)


def _processor(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    cores = facts.whole("cpu", "cores", low=1, high=4096)
    mhz = facts.number("cpu", "mhz_max", low=1, high=100_000)

    def margin(one: Processor) -> float:
        return min(above(cores, one.cores), above(mhz, one.mhz - _HALF_A_TENTH))

    remedy = phrase(N_("The processor is too slow for the exam program: use a reserve computer."))
    return within(_speed(cores, mhz), max(map(margin, wanted.processors)), remedy)


def _memory(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    least = (wanted.min_memory_mb or 0) * _SEEN_OF_FITTED
    total = facts.number("memory", "total_mb", low=1, high=MOST_MB)
    remedy = phrase(
        N_(
            "Too little memory is fitted, closing programs does not help: use a reserve computer, or have "
            "memory added."
        )
    )
    return within(size(total), above(total, least), remedy)


def _screen(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    wide, high = wanted.min_screen or (0, 0)
    width = facts.whole("screen", "width", low=1, high=100_000)
    height = facts.whole("screen", "height", low=1, high=100_000)
    remedy = phrase(
        N_(
            "Set the resolution to {width}×{height} or more: right click on the desktop, Display settings. "
            "If there is none, use another monitor."
        ),
        width=wide,
        height=high,
    )
    return within(_pixels(width, height), min(above(width, wide), above(height, high)), remedy)


def _pixels(width: int, height: int) -> Phrase:
    return phrase("{width}×{height}", width=width, height=height)


def _virtual(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
    if not facts.flag("virtual", "is_vm"):
        return Judged(Outcome.PASS, phrase(N_("none")))
    remedy = phrase(
        N_("Clock and sound of a virtual machine cannot be relied on: work on a real computer, without it.")
    )
    return Judged(Outcome.FAIL, phrase(N_("it is one")), None, remedy)


def _disk(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    least = wanted.min_free_disk_mb or 0
    free = facts.number("disk", "free_mb", low=0, high=MOST_MB)
    remedy = phrase(
        N_(
            "Free at least {missing} more on the disk of the answers: empty the recycle bin and the folder "
            "of downloads. Delete nothing that you do not know."
        ),
        missing=size(max(1, least - free + 103)),  # a tenth of a GB more: what is freed must be enough
    )
    return within(size(free), above(free, least), remedy)


def _writable(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
    good = facts.flag("disk", "writable")
    measured = phrase(N_("can be written") if good else N_("cannot be written"))
    remedy = phrase(
        N_(
            "Answers cannot be saved. Let the administrator give the exam account the right to write into "
            "the answers folder; check that the disk is not write-protected."
        )
    )
    return yes_no(good, measured, remedy)


def _path(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
    # The path itself is not repeated: it may hold a person's name.
    plain = facts.text("disk", "path").isascii()
    measured = phrase(N_("Latin letters only") if plain else N_("other letters than Latin"))
    remedy = phrase(
        N_(
            "Some programs cannot record into such a folder. Make a trial recording; if it fails, log in "
            "under an account with a Latin name, or name another answers folder in inventory.yaml."
        )
    )
    return yes_no(plain, measured, remedy, bad=Outcome.WARN)


def _at_least(megabytes: int | None) -> Phrase | None:
    return None if megabytes is None else phrase(N_("at least {size}"), size=size(megabytes))


JUDGES = (
    Judge(Check.SYSTEM, _systems, _system),
    Judge(Check.PROCESSOR, _processors, _processor),
    Judge(Check.MEMORY, lambda w: _at_least(w.min_memory_mb), _memory),
    Judge(
        Check.SCREEN,
        lambda w: w.min_screen and phrase(N_("at least {size}"), size=_pixels(*w.min_screen)),
        _screen,
    ),
    Judge(Check.VIRTUAL, lambda w: when(w.forbid_vm, phrase(N_("none"))), _virtual),
    Judge(Check.DISK, lambda w: _at_least(w.min_free_disk_mb), _disk),
    Judge(
        Check.ANSWERS_WRITABLE,
        lambda w: when(w.answers_writable, phrase(N_("can be written"))),
        _writable,
    ),
    Judge(
        Check.ANSWERS_PATH,
        lambda w: when(w.plain_answers_path, phrase(N_("Latin letters only"))),
        _path,
    ),
)
