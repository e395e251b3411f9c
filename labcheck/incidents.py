"""What goes wrong at a workstation during the exam, what to do about it, and the time that it costs. Pure.

An incident lasts from the moment it was noted, by the controller's clock, until the look that shows it gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from labcheck.errors import N_
from labcheck.phrase import NOTHING, Phrase


class Kind(StrEnum):
    """What it is, the most urgent first. The values stand in records: they never change."""

    UNTRUSTED = "untrusted"
    SILENT = "silent"
    PROGRAM = "program"
    ANSWER_LOST = "answer-lost"
    DISK = "disk"
    UNPLUGGED = "unplugged"
    SWITCHED = "switched"
    INPUT_MUTED = "input-muted"
    OUTPUT_MUTED = "output-muted"
    INPUT_ZERO = "input-zero"
    OUTPUT_ZERO = "output-zero"
    MIC_SILENT = "mic-silent"
    MIC_CLIPS = "mic-clips"
    MIC_HUM = "mic-hum"
    MIC_OFFSET = "mic-offset"
    MIC_LEVEL = "mic-level"
    BATTERY = "battery"
    RESTARTED = "restarted"
    ANSWER_STILL = "answer-still"
    MAINS = "mains"
    SESSION = "session"
    BLIND = "blind"

    @property
    def stops(self) -> bool:
        """Whether a pupil may be losing time to it: that is credited from the moment noted."""
        return self not in _NO_TIME_LOST


_NO_TIME_LOST = {
    Kind.BATTERY,
    Kind.MAINS,
    Kind.BLIND,
    Kind.RESTARTED,
    Kind.ANSWER_STILL,
    Kind.MIC_CLIPS,
    Kind.MIC_HUM,
    Kind.MIC_OFFSET,
    Kind.MIC_LEVEL,
}

TITLES = {
    Kind.UNTRUSTED: N_("another computer answers at this address"),
    Kind.SILENT: N_("no sign of life"),
    Kind.PROGRAM: N_("the exam program does not run"),
    Kind.ANSWER_LOST: N_("an answer file is gone or has become smaller"),
    Kind.DISK: N_("the disk is almost full"),
    Kind.UNPLUGGED: N_("the headset is unplugged"),
    Kind.SWITCHED: N_("another sound device is in use"),
    Kind.INPUT_MUTED: N_("the microphone is muted"),
    Kind.OUTPUT_MUTED: N_("the earphones are muted"),
    Kind.INPUT_ZERO: N_("the microphone's level is zero"),
    Kind.OUTPUT_ZERO: N_("the volume in the earphones is zero"),
    Kind.MIC_SILENT: N_("the microphone gives no sound at all"),
    Kind.MIC_CLIPS: N_("the microphone is so loud that voices are cut off"),
    Kind.MIC_HUM: N_("the microphone hums"),
    Kind.MIC_OFFSET: N_("the microphone's signal is shifted"),
    Kind.MIC_LEVEL: N_("the microphone sounds otherwise than at the check"),
    Kind.BATTERY: N_("the battery is almost empty"),
    Kind.RESTARTED: N_("the exam program was restarted"),
    Kind.ANSWER_STILL: N_("the answer file does not grow any more"),
    Kind.MAINS: N_("it runs on its battery"),
    Kind.SESSION: N_("nobody is logged in at the screen"),
    Kind.BLIND: N_("this cannot be watched"),
}

REMEDIES: Mapping[Kind, str] = {
    Kind.UNTRUSTED: N_("Go there. Do not use it before somebody knows why; seat the pupil at a reserve."),
    Kind.SILENT: N_(
        "Go there: is it on, is its network cable in? The recording goes on without the network. If the "
        "computer is dead: 'labcheck move --seat {seat} --to RESERVE'."
    ),
    Kind.PROGRAM: N_(
        "Ask at the seat. Start it there, or with 'labcheck fix --seat {seat} restart-app'; if it ends "
        "again: 'labcheck move --seat {seat} --to RESERVE'."
    ),
    Kind.ANSWER_LOST: N_(
        "Let the pupil stop. Nothing was deleted from here; look into the answers folder at the computer, "
        "and run 'labcheck collect --seat {seat}'."
    ),
    Kind.DISK: N_("Free space on that disk, or 'labcheck move --seat {seat} --to RESERVE'."),
    Kind.UNPLUGGED: N_(
        "Plug the headset in again, into the same socket; if it is not found, take a reserve headset."
    ),
    Kind.SWITCHED: N_(
        "'labcheck fix --seat {seat} default-device' (Windows: sound settings of that computer, choose the "
        "headset)."
    ),
    Kind.INPUT_MUTED: N_("The switch on the headset's cable; then 'labcheck fix --seat {seat} unmute'."),
    Kind.OUTPUT_MUTED: N_("The switch on the headset's cable; then 'labcheck fix --seat {seat} unmute'."),
    Kind.INPUT_ZERO: N_("'labcheck fix --seat {seat} volume'."),
    Kind.OUTPUT_ZERO: N_("The wheel on the headset's cable; then 'labcheck fix --seat {seat} volume'."),
    Kind.MIC_SILENT: N_(
        "Look at the switch on the headset's cable and push its plug in; if that does not help, take a"
        " reserve headset. What was said meanwhile may not have been recorded: let the pupil stop."
    ),
    Kind.MIC_CLIPS: N_(
        "Move the microphone a little away from the mouth; after the answer turn its level down."
    ),
    Kind.MIC_HUM: N_(
        "Unplug chargers beside the computer, move mains cables away; after the answer try another socket."
    ),
    Kind.MIC_OFFSET: N_("After the answer: plug the headset into another socket, or take a reserve headset."),
    Kind.MIC_LEVEL: N_(
        "After the answer look at the seat: is it the same headset, is its plug in, its wheel as it was? Then"
        " 'labcheck headset --seat {seat}'."
    ),
    Kind.BATTERY: N_("Plug the power adapter in now."),
    Kind.RESTARTED: N_("Ask at the seat whether the pupil lost anything."),
    Kind.ANSWER_STILL: N_(
        "Has the pupil finished? Then all is well. If not: is the program recording? Look at the seat."
    ),
    Kind.MAINS: N_("Plug the power adapter in; see whether the socket has power."),
    Kind.SESSION: N_("Log the exam account in at the computer, and start the exam program."),
    Kind.BLIND: N_("Look at the seat yourself; its other values are watched."),
}
"""What to do, with {seat} to be filled."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that goes wrong. ``noted`` and ``ended`` are the controller's time with a zone; ``ended`` is
    None while it lasts. ``detail`` names no file and no pupil."""

    seat: str
    kind: Kind
    noted: dt.datetime
    detail: Phrase = NOTHING
    ended: dt.datetime | None = None

    @property
    def remedy(self) -> str:
        """What to do: a template with {seat}."""
        return REMEDIES[self.kind]


def ranked(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """What lasts first, the most urgent first, then the oldest; then what is over, the latest first."""
    every = list(incidents)
    order = list(Kind).index
    lasting = [i for i in every if i.ended is None]
    over = [i for i in every if i.ended is not None]
    return (
        *sorted(lasting, key=lambda i: (order(i.kind), i.noted, i.seat)),
        *sorted(over, key=lambda i: (i.ended or i.noted, i.seat), reverse=True),
    )


def lost(incidents: Iterable[Incident], at: dt.datetime) -> dt.timedelta:
    """The time that a seat's pupil may have lost until ``at``; what lasted at once counts once."""
    total, until = dt.timedelta(), None
    for begun, ended in sorted(_spans(incidents, at)):
        begin = begun if until is None else max(begun, until)
        if ended > begin:
            total += ended - begin
            until = ended
    return total


def _spans(incidents: Iterable[Incident], at: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for incident in incidents:
        if incident.kind.stops:
            yield incident.noted, min(at, incident.ended or at)
