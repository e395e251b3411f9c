"""The course of the spoken check: a generator without I/O that yields steps and is sent replies.

Numbers in one ear each; then a sentence, said twice at the most when the first time was not measured as a
voice; then three sounds, one of them the recording. Whoever stops, or answers nothing in time, ends it there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum

from labcheck.headset.spoken.draw import Draw, Sound
from labcheck.headset.spoken.steps import (
    RECORD_SECONDS,
    Answer,
    Ask,
    Heard,
    PlaySound,
    PlayWord,
    Record,
    Recorded,
    Reply,
    Screen,
    Show,
    Step,
    Word,
)
from labcheck.headset.spoken.voice import Voice

REPEATS = 3
"""A sound may be played again so often: it tells a guesser nothing, and costs time alone."""
SILENT_TRIALS = 5
"""When nothing was heard in so many from the beginning, there is nothing to go on with."""
ATTEMPTS = 2
Talk = Generator[Step, Reply, "Told"]
Measure = Callable[[Recorded], Voice]


class End(StrEnum):
    """How it ended."""

    DONE = "done"
    STOPPED = "stopped"
    TIMED_OUT = "timed-out"


@dataclass(slots=True)
class Told:
    """What became known. ``answers`` belong to the first trials of the draw; ``echoes`` to its first
    sounds."""

    draw: Draw
    answers: list[Answer] = field(default_factory=list)
    voice: Voice | None = None
    echoes: list[Answer] = field(default_factory=list)
    end: End = End.DONE


class _Ended(Exception):
    def __init__(self, end: End) -> None:
        self.end = end


def talk(draw: Draw, measure: Measure) -> Talk:
    """Go through all of it; ``measure`` says what a recording is worth."""
    told = Told(draw)
    try:
        yield from _ask(Ask(Screen.START))
        yield from _numbers(told)
        if not _nothing(told):
            yield from _sentence(told, measure)
        if told.voice is not None and told.voice.good:
            yield from _sounds(told)
    except _Ended as ended:
        told.end = ended.end
    return told


def _numbers(told: Told) -> Generator[Step, Reply, None]:
    trials = told.draw.trials
    while len(told.answers) < len(trials) and not _nothing(told):
        done = len(told.answers)
        yield Show(Screen.PLAYING, done, len(trials))
        answer = yield from _heard(PlayWord(trials[done]), Ask(Screen.WORD, done, len(trials), back=done > 0))
        if answer is Word.BACK:
            told.answers.pop()
        else:
            told.answers.append(answer)


def _sentence(told: Told, measure: Measure) -> Generator[Step, Reply, None]:
    said = told.draw.sentence
    for screen in (Screen.SPEAK, Screen.AGAIN)[:ATTEMPTS]:
        yield from _ask(Ask(screen, sentence=said))
        yield Show(Screen.RECORDING, sentence=said, seconds=RECORD_SECONDS)
        recorded = yield Record()
        if not isinstance(recorded, Recorded):
            raise _Ended(End.STOPPED)
        told.voice = measure(recorded)
        if told.voice.good:
            return


def _sounds(told: Told) -> Generator[Step, Reply, None]:
    sounds = told.draw.sounds
    for done, sound in enumerate(sounds):
        yield Show(Screen.PLAYING, done, len(sounds))
        answer = yield from _heard(PlaySound(sound), Ask(Screen.SOUND, done, len(sounds)))
        told.echoes.append(answer)


def _heard(play: PlayWord | PlaySound, ask: Ask) -> Generator[Step, Reply, Answer]:
    """Play it, and again on demand, until there is an answer."""
    yield play
    for _again in range(REPEATS):
        answer = yield from _ask(ask)
        if answer is not Word.REPEAT:
            return answer
        yield Show(Screen.PLAYING, ask.done, ask.of)
        yield play
    while (answer := (yield from _ask(ask))) is Word.REPEAT:
        pass
    return answer


def _ask(ask: Ask) -> Generator[Step, Reply, Answer]:
    answer = yield ask
    if answer is None or isinstance(answer, Recorded):
        raise _Ended(End.TIMED_OUT)
    if answer is Word.STOP:
        raise _Ended(End.STOPPED)
    return answer


def _nothing(told: Told) -> bool:
    """Whether nothing at all was heard for long enough."""
    return len(told.answers) >= SILENT_TRIALS and all(one is Word.NOTHING for one in told.answers)


def sounds_heard(told: Told) -> tuple[tuple[Sound, Answer], ...]:
    """What was played back, and what it was taken for."""
    return tuple(zip(told.draw.sounds, told.echoes, strict=False))


def is_right(told: Told, place: int) -> bool:
    """Whether an answer is the number and the ear that were played."""
    trial = told.draw.trials[place]
    return told.answers[place] == Heard(trial.ear, trial.number)
