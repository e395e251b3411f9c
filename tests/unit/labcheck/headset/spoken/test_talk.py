"""The course of the check, and what its answers say of a headset."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from labcheck.finding import SPOKEN, Check, Finding
from labcheck.headset.causes import Cause
from labcheck.headset.spoken.chance import TRIALS
from labcheck.headset.spoken.draw import Ear, Sound
from labcheck.headset.spoken.judging import judge, passed, settled
from labcheck.headset.spoken.steps import Answer, Ask, Heard, PlayWord, Record, Reply, Screen, Step, Word
from labcheck.headset.spoken.talk import End, is_right
from labcheck.headset.spoken.voice import Voice
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, phrase
from labcheck.visit import LEFT_OUT
from tests.unit.labcheck.headset.spoken.people import (
    GOOD,
    Hears,
    Listener,
    dead,
    guesses_ear,
    mono,
    nothing,
    swapped,
    through,
    told,
    well,
)

SILENT = Voice(math.nan, 0.0, math.nan, Cause.SILENT)


def outcomes(
    hears: Hears = well, voice: Voice = GOOD, taken: dict[Sound, Answer] | None = None
) -> tuple[Finding, ...]:
    return judge(told(Listener(hears, taken=taken), voice=voice), "anna")


def test_a_good_headset_passes() -> None:
    numbers, voice = outcomes()
    assert [numbers.check, voice.check] == list(SPOKEN)
    assert passed((numbers, voice))
    assert "12 of 12 numbers" in str(numbers.measured)
    assert "anna" in str(numbers.measured)
    assert numbers.confidence is not None
    assert numbers.confidence >= 0.999
    assert "4 s of speech at -26 dB" in str(voice.measured)


@pytest.mark.parametrize(
    ("hears", "cause"),
    [
        (nothing, Cause.NOTHING_HEARD),
        (dead(Ear.LEFT), Cause.DEAD_LEFT),
        (dead(Ear.RIGHT), Cause.DEAD_RIGHT),
        (swapped, Cause.SWAPPED),
        (mono, Cause.MONO),
    ],
)
def test_faults_of_the_earphones_are_named(hears: Hears, cause: Cause) -> None:
    numbers, _voice = outcomes(hears)
    assert (numbers.outcome, numbers.cause) == (Outcome.FAIL, cause)
    assert str(numbers.remedy)


def test_answers_that_fit_nothing_are_not_checked() -> None:
    numbers, _voice = outcomes(guesses_ear)
    assert (numbers.outcome, numbers.cause) == (Outcome.NOT_CHECKED, Cause.NOT_MEASURABLE)


def changed(answers: dict[int, Callable[[Answer], Answer]]) -> Finding:
    """A good headset, some trials answered otherwise."""
    found = told(Listener(well))
    for place, change in answers.items():
        found.answers[place] = change(found.answers[place])
    return judge(found, "anna")[0]


def other_number(answer: Answer) -> Answer:
    assert isinstance(answer, Heard)
    return replace(answer, number=answer.number % 9 + 1)


def other_ear(answer: Answer) -> Answer:
    assert isinstance(answer, Heard)
    return replace(answer, ear=Ear.LEFT if answer.ear is Ear.RIGHT else Ear.RIGHT)


def test_one_slip_of_either_ear_is_forgiven_and_no_more() -> None:
    trials = told(Listener(well)).draw.trials
    lefts = [place for place, trial in enumerate(trials) if trial.ear is Ear.LEFT]
    right = next(place for place, trial in enumerate(trials) if trial.ear is Ear.RIGHT)
    assert changed({lefts[0]: other_number, right: lambda _one: Word.NOTHING}).outcome is Outcome.PASS
    assert changed({lefts[0]: other_number, lefts[1]: other_number}).outcome is Outcome.NOT_CHECKED
    assert changed({lefts[0]: other_ear}).outcome is Outcome.NOT_CHECKED
    assert changed({lefts[0]: lambda _one: Word.BOTH}).outcome is Outcome.NOT_CHECKED


# The sentence -----------------------------------------------------------------------------------------------


def test_measured_silence_never_passes_whatever_is_answered() -> None:
    insists: dict[Sound, Answer] = {sound: Sound.OWN for sound in Sound}  # noqa: C420 - its type
    for taken in (None, insists):
        _numbers, voice = outcomes(voice=SILENT, taken=taken)
        assert (voice.outcome, voice.cause) == (Outcome.FAIL, Cause.SILENT)


def test_a_sentence_that_was_not_recorded_may_be_said_once_more() -> None:
    voices = iter([replace(GOOD, cause=Cause.TOO_QUIET), GOOD])
    person = Listener(well)
    found = through(person.reply, measure=lambda _recorded: next(voices))
    asked = [step.screen for step in person.log if isinstance(step, Ask)]
    assert asked.count(Screen.SPEAK) == asked.count(Screen.AGAIN) == 1
    assert judge(found, "anna")[1].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("taken", "outcome", "cause"),
    [
        ({Sound.OWN: Sound.OTHER}, Outcome.FAIL, Cause.WRONG_DEVICE),
        ({Sound.OWN: Sound.NOISE}, Outcome.FAIL, Cause.NOISE),
        ({Sound.OWN: Word.NOTHING}, Outcome.NOT_CHECKED, Cause.NOT_MEASURABLE),
        ({Sound.NOISE: Sound.OWN}, Outcome.NOT_CHECKED, Cause.NOT_MEASURABLE),
        ({Sound.OTHER: Sound.OWN}, Outcome.NOT_CHECKED, Cause.NOT_MEASURABLE),
    ],
)
def test_what_one_hears_of_oneself(taken: dict[Sound, Answer], outcome: Outcome, cause: Cause) -> None:
    _numbers, voice = outcomes(taken={**{sound: sound for sound in Sound}, **taken})
    assert (voice.outcome, voice.cause) == (outcome, cause)


# The course -------------------------------------------------------------------------------------------------


def test_an_answer_can_be_taken_back_and_a_number_heard_again() -> None:
    """Neither tells whether it was right; of the trial taken back the same number is played again."""
    person = Listener(well)
    back = iter([Word.REPEAT, None, Word.BACK])  # the first number again; the second screen leads back

    def reply(step: Step) -> Reply:
        answer = person.reply(step)
        if isinstance(step, Ask) and step.screen is Screen.WORD:
            return next(back, None) or answer
        return answer

    found = through(reply)
    played = [step.trial for step in person.log if isinstance(step, PlayWord)]
    first, second = found.draw.trials[:2]
    assert played[:5] == [first, first, second, first, second]
    assert len(found.answers) == TRIALS
    assert all(is_right(found, place) for place in range(TRIALS))


def test_nothing_can_be_taken_back_before_the_first_answer() -> None:
    person = Listener(well)
    told(person)
    asks = [step for step in person.log if isinstance(step, Ask) and step.screen is Screen.WORD]
    assert [ask.back for ask in asks] == [False] + [True] * (TRIALS - 1)


def test_who_hears_nothing_is_not_kept_for_long_nor_made_to_speak() -> None:
    person = Listener(nothing)
    found = told(person)
    assert len(found.answers) == 5
    assert not any(isinstance(step, Record) for step in person.log)
    assert judge(found, "anna")[1].outcome is Outcome.NOT_CHECKED


@pytest.mark.parametrize(("answer", "end"), [(Word.STOP, End.STOPPED), (None, End.TIMED_OUT)])
@pytest.mark.parametrize("screen", [Screen.START, Screen.WORD, Screen.SPEAK, Screen.SOUND])
def test_who_stops_or_does_not_answer_is_not_checked(answer: Word | None, end: End, screen: Screen) -> None:
    person = Listener(well)

    def reply(step: Step) -> Reply:
        usual = person.reply(step)
        return answer if isinstance(step, Ask) and step.screen is screen else usual

    found = through(reply)
    findings = judge(found, "anna")
    assert found.end is end
    assert not passed(findings)
    assert {one.outcome for one in findings} <= {Outcome.NOT_CHECKED, Outcome.PASS}
    assert findings[1].outcome is Outcome.NOT_CHECKED


# Beside the automatic test ----------------------------------------------------------------------------------


def found(check: Check, outcome: Outcome, cause: Cause | None = None) -> Finding:
    return Finding(check, outcome, phrase("measured"), NOTHING, None, phrase("do"), None, cause)


UNHEARD = (
    found(Check.SOUND_PATH, Outcome.PASS),
    found(Check.EARS, Outcome.FAIL, Cause.NOTHING_HEARD),
    found(Check.CHANNELS, Outcome.NOT_CHECKED, Cause.NOT_MEASURABLE),
    found(Check.LOOP_LEVEL, Outcome.NOT_CHECKED, Cause.NOT_MEASURABLE),
    found(Check.STILLNESS, Outcome.PASS),
)


def test_a_person_decides_what_could_not_be_measured() -> None:
    both = settled(UNHEARD, outcomes(), "anna")
    by_check = {one.check: one for one in both}
    assert all(one.outcome.good for one in both)
    assert by_check[Check.EARS].outcome is by_check[Check.CHANNELS].outcome is Outcome.PASS
    assert by_check[Check.LOOP_LEVEL].outcome is Outcome.WARN, "that was not proved"
    assert "anna" in str(by_check[Check.EARS].measured)
    assert by_check[Check.STILLNESS] is UNHEARD[-1]


def test_what_was_measured_as_a_fault_stays_one() -> None:
    hum = found(Check.STILLNESS, Outcome.FAIL, Cause.HUM)
    assert hum in settled((*UNHEARD[:-1], hum), outcomes(), "anna")


def test_who_did_not_pass_decides_nothing() -> None:
    both = settled(UNHEARD, outcomes(dead(Ear.LEFT)), "anna")
    assert both[: len(UNHEARD)] == UNHEARD


def test_a_person_takes_the_place_of_a_test_that_the_profile_leaves_out() -> None:
    (ears, *_rest) = settled((LEFT_OUT,), outcomes(), "anna")
    assert ears.outcome is Outcome.PASS


def test_another_spoken_check_takes_the_place_of_the_last() -> None:
    first = settled(UNHEARD, outcomes(dead(Ear.LEFT)), "anna")
    again = settled(first, outcomes(), "anna")
    assert all(one.outcome.good for one in again)
    assert len({one.check for one in again}) == len(again)
