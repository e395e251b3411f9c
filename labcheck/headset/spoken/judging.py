"""From answers to findings. Pure.

Passing needs more than anybody can guess; a fault is named where the answers agree on one; and whatever fits
nothing is not checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from labcheck.errors import N_
from labcheck.finding import Check, Finding
from labcheck.headset.causes import Cause
from labcheck.headset.spoken.chance import MISSES, guessing
from labcheck.headset.spoken.draw import Ear, Sound
from labcheck.headset.spoken.steps import Answer, Heard, Word
from labcheck.headset.spoken.talk import End, Told, is_right, sounds_heard
from labcheck.headset.spoken.voice import LEAST_DBFS, LEAST_SECONDS
from labcheck.headset.words import decibels, remedy
from labcheck.outcome import Outcome
from labcheck.phrase import Phrase, phrase

AGREED = 2
"""So many answers may speak against a fault that all the others agree on."""
_LIMIT_NUMBERS = phrase(N_("each ear heard by itself, {misses} missed at the most"), misses=MISSES)
_LIMIT_VOICE = phrase(
    N_("{seconds} s of speech, above {level}, recognised"),
    seconds=f"{LEAST_SECONDS:.0f}",
    level=decibels(LEAST_DBFS),
)
_AGAIN = phrase(N_("Run 'labcheck spoken' for this seat again, and answer everything."))
_UNSURE = phrase(
    N_(
        "The answers do not fit together: do the spoken check again, with somebody who hears well, in a "
        "quiet moment. If it stays so, take a reserve headset."
    )
)


def judge(told: Told, who: str) -> tuple[Finding, Finding]:
    """What the numbers say, and what the sentence says. ``who`` answers for it, and is no pupil."""
    return _numbers(told, who), _voice(told, who)


# Numbers ------------------------------------------------------------------------------------------------


def _numbers(told: Told, who: str) -> Finding:
    right = sum(is_right(told, place) for place in range(len(told.answers)))
    measured = phrase(
        N_("{right} of {all} numbers in the ear that played them; answers taken by {who}"),
        right=right,
        all=len(told.draw.trials),
        who=who,
    )
    cause = _fault(told)
    if cause is not None:
        return _failed(Check.NUMBERS, measured, _LIMIT_NUMBERS, cause)
    if len(told.answers) < len(told.draw.trials):
        return _open(Check.NUMBERS, _left(told), _LIMIT_NUMBERS, _AGAIN)
    if _passed(told):
        sure = 1 - guessing()
        return Finding(Check.NUMBERS, Outcome.PASS, measured, _LIMIT_NUMBERS, confidence=sure)
    return _open(Check.NUMBERS, measured, _LIMIT_NUMBERS, _UNSURE)


def _passed(told: Told) -> bool:
    return not _count(told, _elsewhere) and all(_missed(told, ear) <= MISSES for ear in Ear)


def _fault(told: Told) -> Cause | None:
    """What the answers agree on; None when they do not, or when nothing is wrong."""
    answers = len(told.answers)
    if answers < len(told.draw.trials):
        silent = answers > AGREED and all(answer is Word.NOTHING for answer in told.answers)
        return Cause.NOTHING_HEARD if silent and told.end is End.DONE else None
    if _count(told, lambda _ear, answer: answer is Word.NOTHING) == answers:
        return Cause.NOTHING_HEARD
    if _count(told, lambda _ear, answer: answer is Word.BOTH) >= answers - AGREED:
        return Cause.MONO
    exchanged = sum(
        answer == Heard(_opposite(trial.ear), trial.number)
        for trial, answer in zip(told.draw.trials, told.answers, strict=True)
    )
    if exchanged >= answers - AGREED:
        return Cause.SWAPPED
    for ear, dead in ((Ear.LEFT, Cause.DEAD_LEFT), (Ear.RIGHT, Cause.DEAD_RIGHT)):
        if (
            _heard_in(told, ear) <= MISSES
            and _missed(told, _opposite(ear)) <= MISSES
            and not _count(told, _elsewhere)
        ):
            return dead
    return None


def _opposite(ear: Ear) -> Ear:
    return Ear.RIGHT if ear is Ear.LEFT else Ear.LEFT


def _elsewhere(ear: Ear, answer: Answer) -> bool:
    """Whether something was heard in another ear than the one that played, or in both."""
    return answer is Word.BOTH or (isinstance(answer, Heard) and answer.ear is not ear)


def _count(told: Told, fits: Callable[[Ear, Answer], bool]) -> int:
    return sum(fits(trial.ear, answer) for trial, answer in zip(told.draw.trials, told.answers, strict=False))


def _heard_in(told: Told, ear: Ear) -> int:
    return _count(told, lambda where, answer: where is ear and answer is not Word.NOTHING)


def _missed(told: Told, ear: Ear) -> int:
    return sum(
        told.draw.trials[place].ear is ear and not is_right(told, place) for place in range(len(told.answers))
    )


# The sentence -------------------------------------------------------------------------------------------


def _voice(told: Told, who: str) -> Finding:
    voice = told.voice
    if voice is None:
        return _open(Check.VOICE, _left(told), _LIMIT_VOICE, _AGAIN)
    if voice.cause is not None:
        return _failed(Check.VOICE, _measured(told), _LIMIT_VOICE, voice.cause)
    heard = dict(sounds_heard(told))
    if len(heard) < len(told.draw.sounds):
        return _open(Check.VOICE, _left(told), _LIMIT_VOICE, _AGAIN)
    own = heard[Sound.OWN]
    if any(heard[sound] is not sound for sound in Sound if sound is not Sound.OWN) or own not in set(
        _HEARD_AS
    ):
        measured = phrase(N_("sounds played back were not told apart; answers taken by {who}"), who=who)
        return _open(Check.VOICE, measured, _LIMIT_VOICE, _UNSURE)
    cause = _HEARD_AS[own]
    if cause is not None:
        measured = phrase(_SAID_OF[own], measured=_measured(told), who=who)
        return _failed(Check.VOICE, measured, _LIMIT_VOICE, cause)
    measured = phrase(
        N_("{measured}; recognised by its speaker, answers taken by {who}"), measured=_measured(told), who=who
    )
    return Finding(Check.VOICE, Outcome.PASS, measured, _LIMIT_VOICE)


_HEARD_AS: dict[Answer, Cause | None] = {
    Sound.OWN: None,
    Sound.OTHER: Cause.WRONG_DEVICE,
    Sound.NOISE: Cause.NOISE,
}
"""What one's own voice is taken for by somebody who tells the other sounds apart."""
_SAID_OF: dict[Answer, str] = {
    Sound.OTHER: N_("{measured}; its speaker heard somebody else's voice, answers taken by {who}"),
    Sound.NOISE: N_("{measured}; its speaker heard noise, answers taken by {who}"),
}


def _measured(told: Told) -> Phrase:
    voice = told.voice
    if voice is None or voice.cause is Cause.SILENT:
        return phrase(N_("absolute silence"))
    if not voice.found or math.isnan(voice.level):
        return phrase(N_("no voice in the recording"))
    seconds = phrase(
        N_("{seconds} s of speech at {level}"), seconds=round(voice.seconds), level=decibels(voice.level)
    )
    return seconds if voice.cause is not Cause.CLIPPING else phrase(N_("{speech}, cut off"), speech=seconds)


# Both ---------------------------------------------------------------------------------------------------


def _left(told: Told) -> Phrase:
    said = {
        End.STOPPED: N_("stopped before the end"),
        End.TIMED_OUT: N_("nobody answered in time"),
        End.DONE: N_("not come to"),
    }
    return phrase(said[told.end])


def _failed(check: Check, measured: Phrase, limit: Phrase, cause: Cause) -> Finding:
    return Finding(check, Outcome.FAIL, measured, limit, None, remedy(cause), None, cause)


def _open(check: Check, measured: Phrase, limit: Phrase, cure: Phrase) -> Finding:
    return Finding(check, Outcome.NOT_CHECKED, measured, limit, None, cure, None, Cause.NOT_MEASURABLE)


# What it makes of the automatic test ------------------------------------------------------------------

_BY_EAR = frozenset({Check.EARS, Check.CHANNELS})
"""What the numbers prove as well as the automatic test does."""
_OPEN = frozenset({Cause.NOTHING_HEARD, Cause.NOT_MEASURABLE, None})
"""What the automatic test says of a headset that does not leak, or that it was not made for."""
_ONLY_MEASURED = phrase(
    N_(
        "Where its earcups do not leak, only a person can tell: let an answer be recorded on trial and "
        "listen to it."
    )
)


def passed(spoken: tuple[Finding, ...]) -> bool:
    """Whether a person has heard and was heard: both, and nothing else was wrong."""
    done = {finding.check for finding in spoken if finding.outcome is Outcome.PASS}
    return {Check.NUMBERS, Check.VOICE} <= done and all(one.outcome.good for one in spoken)


def settled(measured: tuple[Finding, ...], spoken: tuple[Finding, ...], who: str) -> tuple[Finding, ...]:
    """The findings of the automatic test, with those of the spoken check beside them.

    Where the person has heard and was heard, that decides what could not be measured: both ears are well, and
    what else only a measurement tells is a remark. What was measured as a fault stays one."""
    told = {finding.check for finding in spoken}
    kept = [finding for finding in measured if finding.check not in told]
    if passed(spoken):
        kept = [_decided(finding, who) if _undecided(finding) else finding for finding in kept]
    return (*kept, *spoken)


def _undecided(finding: Finding) -> bool:
    return finding.outcome is not Outcome.PASS and finding.cause in _OPEN


def _decided(finding: Finding, who: str) -> Finding:
    if finding.check in _BY_EAR:
        said = phrase(N_("heard by ear; answers taken by {who}"), who=who)
        return Finding(finding.check, Outcome.PASS, said, finding.limit)
    said = phrase(N_("could not be measured; checked by ear, answers taken by {who}"), who=who)
    return Finding(finding.check, Outcome.WARN, said, finding.limit, None, _ONLY_MEASURED)
