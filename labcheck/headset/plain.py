"""A headset's findings in the words of somebody who knows nothing of sound: what was heard, what should have
been heard, why it is so, what to do. No unit and no term of the trade; the figures stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcheck.errors import N_
from labcheck.finding import Check, Finding
from labcheck.headset.causes import Cause
from labcheck.headset.precedence import CHECKS, PRECEDENCE
from labcheck.outcome import Outcome, worst
from labcheck.phrase import Phrase, phrase

EXPECTED = {
    Check.SOUND_PATH: N_("sound is played and recorded by the headset of this seat"),
    Check.EARS: N_("the headset's own microphone hears the left and the right earphone"),
    Check.CHANNELS: N_("the left and the right earphone each play their own sound"),
    Check.LOOP_LEVEL: N_("the microphone hears the earphones neither too quietly nor too loudly"),
    Check.STILLNESS: N_("while nobody plays, the microphone gives almost no sound"),
    Check.SOUND_QUALITY: N_("what the earphones play arrives clean and full"),
    Check.STREAM: N_("the sound runs through without gaps, at the right speed"),
    Check.NEIGHBOURS: N_("the microphone hears its own seat much better than any other"),
    Check.NUMBERS: N_("a person hears spoken numbers in the left and in the right earphone, each by itself"),
    Check.VOICE: N_("a person's voice is recorded clearly, and is recognised when it is played back"),
}
HEARD = {
    Cause.SILENT: N_("Nothing at all, not even the slightest noise."),
    Cause.LOOPBACK: N_("The test sounds, cleaner than any microphone can hear them."),
    Cause.DEVICE_CHANGED: N_("The test sounds, until the headset went away."),
    Cause.WRONG_RATE: N_("The test sounds, but at the wrong speed and pitch."),
    Cause.WRONG_DEVICE: N_("The earphones of several seats, all from far away."),
    Cause.OTHER_SEATS_PLUG: N_("The earphones of another seat, much louder than its own."),
    Cause.NOTHING_HEARD: N_("The room, but neither of the earphones."),
    Cause.CLIPPING: N_("The test sounds, so loud that they are cut off."),
    Cause.SUPPRESSION: N_("The test sounds, which soon faded away."),
    Cause.GAIN_CONTROL: N_("The test sounds, which grew louder and quieter by themselves."),
    Cause.DROPOUTS: N_("The test sounds with pieces missing."),
    Cause.DEAD_LEFT: N_("Only the right earphone; the left one was silent."),
    Cause.DEAD_RIGHT: N_("Only the left earphone; the right one was silent."),
    Cause.MONO: N_("The same sound from both earphones."),
    Cause.DRIFT: N_("The test sounds, which ran too slowly or too fast."),
    Cause.DISTORTION: N_("The test sounds, rough and rattling."),
    Cause.TOO_LOUD: N_("The test sounds, much too loud."),
    Cause.TOO_QUIET: N_("The test sounds, much too quiet."),
    Cause.LOUD_NEIGHBOUR: N_("Its own earphones, and those of another seat almost as loud."),
    Cause.NARROW: N_("The test sounds, muffled as on a telephone."),
    Cause.SWAPPED: N_("The left sound from the right earphone, and the right one from the left."),
    Cause.POLARITY: N_("Both earphones, but one works against the other."),
    Cause.NOISE: N_("A loud hiss, even while nothing was played."),
    Cause.HUM: N_("A hum, as of an electric cable."),
    Cause.DC_OFFSET: N_("The test sounds, all shifted to one side by the electronics."),
    Cause.NOT_MEASURABLE: N_("Too little to say whether the headset is well."),
}
WHY = {
    Cause.SILENT: N_("The microphone is switched off or muted, or its plug is out."),
    Cause.LOOPBACK: N_("The computer recorded itself instead of the microphone."),
    Cause.DEVICE_CHANGED: N_("The plug is loose, or the cable is broken."),
    Cause.WRONG_RATE: N_("The computer's sound settings do not match the headset."),
    Cause.WRONG_DEVICE: N_("Another microphone was used, such as the one in the camera or the computer."),
    Cause.OTHER_SEATS_PLUG: N_("The plugs of two seats are exchanged."),
    Cause.NOTHING_HEARD: N_("The earphones are not plugged in, turned down, or far from the microphone."),
    Cause.CLIPPING: N_("The microphone is set too loud."),
    Cause.SUPPRESSION: N_("The computer takes the test sounds for noise and removes them."),
    Cause.GAIN_CONTROL: N_("The computer changes the microphone's loudness by itself."),
    Cause.DROPOUTS: N_("The computer or the plug does not keep up."),
    Cause.DEAD_LEFT: N_("The plug is not fully in, the cable is broken, or the left earphone is."),
    Cause.DEAD_RIGHT: N_("The plug is not fully in, the cable is broken, or the right earphone is."),
    Cause.MONO: N_("The sound settings make one sound of two, or the plug does."),
    Cause.DRIFT: N_("The earphones and the microphone do not keep the same time."),
    Cause.DISTORTION: N_("The volume is too high, or an earphone is damaged."),
    Cause.TOO_LOUD: N_("The microphone is set too loud."),
    Cause.TOO_QUIET: N_("The microphone or the earphones are turned down."),
    Cause.LOUD_NEIGHBOUR: N_("Two headsets lie too close together."),
    Cause.NARROW: N_("The headset is wireless or runs in a mode for telephone calls."),
    Cause.SWAPPED: N_("The headset is worn or connected the wrong way round."),
    Cause.POLARITY: N_("The wires of one earphone are exchanged."),
    Cause.NOISE: N_("A fan or a bad socket is near, or the microphone is damaged."),
    Cause.HUM: N_("A charger or a mains cable is near."),
    Cause.DC_OFFSET: N_("The socket or the sound card is faulty."),
    Cause.NOT_MEASURABLE: N_("The room was loud, or the computer did not answer in time."),
}
ALL_WELL = phrase(N_("Both earphones, each by itself, clearly and without gaps; nothing that disturbs."))
_OTHERWISE = N_("What the computer says: {measured}")
_UNKNOWN = phrase(N_("The test did not say why."))


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is not well; ``finding`` has the figures."""

    heard: Phrase
    expected: Phrase
    why: Phrase
    remedy: Phrase
    finding: Finding


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of one headset. ``points`` is empty when nothing is wrong; the one that explains most comes first.

    ``open``: what could not be told beside something that is wrong, most often because of it."""

    outcome: Outcome
    points: tuple[Point, ...]
    open: tuple[Check, ...]
    findings: tuple[Finding, ...]
    """Only those of the headset's test."""


def explain(findings: Sequence[Finding]) -> Explanation:
    """What a seat's findings say of its headset; NOT_CHECKED where there is none of it."""
    ours = tuple(finding for finding in findings if finding.check in EXPECTED)
    outcome = worst(finding.outcome for finding in ours)
    if outcome.good and not any(finding.check in CHECKS for finding in ours):
        outcome = Outcome.NOT_CHECKED  # that something was recorded says nothing of a headset
    wrong = sorted((one for one in ours if one.outcome is not Outcome.PASS), key=_order)
    unsure = [one for one in wrong if one.outcome is Outcome.NOT_CHECKED]
    if len(unsure) == len(wrong):
        unsure = []  # then they are what is to be told
    first: dict[Cause | Phrase, Finding] = {}
    for one in wrong:
        if one not in unsure:
            first.setdefault(one.cause or one.measured, one)
    return Explanation(outcome, tuple(map(_point, first.values())), tuple(one.check for one in unsure), ours)


def _order(finding: Finding) -> tuple[bool, int, int]:
    place = len(PRECEDENCE) if finding.cause is None else PRECEDENCE.index(finding.cause)
    return finding.outcome is not Outcome.FAIL, place, list(Check).index(finding.check)


def _point(finding: Finding) -> Point:
    expected = phrase(EXPECTED[finding.check])
    if finding.cause is None:
        heard = phrase(_OTHERWISE, measured=finding.measured)
        return Point(heard, expected, _UNKNOWN, finding.remedy, finding)
    why = phrase(WHY[finding.cause])
    return Point(phrase(HEARD[finding.cause]), expected, why, finding.remedy, finding)
