"""That nobody passes by guessing: exactly, and by trying."""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

import pytest

from labcheck.finding import Check
from labcheck.headset.spoken import chance
from labcheck.headset.spoken.draw import Ear, draw
from labcheck.headset.spoken.judging import judge
from labcheck.headset.spoken.words import Language
from labcheck.outcome import Outcome
from tests.unit.labcheck.headset.spoken.people import (
    Hears,
    Listener,
    clicks,
    dead_and_clever,
    guesses_ear,
    told,
)

LIMIT = 1 / 1000


def test_nobody_who_does_not_hear_passes_more_often_than_once_in_a_thousand() -> None:
    assert chance.guessing() <= LIMIT
    assert chance.deaf(4) > LIMIT, "fewer trials of an ear would not do"
    assert chance.at_least(3, 5, 1 / 9) > LIMIT, "nor would another mistake"


def test_binomial_tail_is_what_counting_gives() -> None:
    """Five guesses among nine, every one of them counted: four right and more."""
    hits = sum(sum(guess == 0 for guess in row) >= 4 for row in product(range(9), repeat=5))
    assert chance.deaf(5) == pytest.approx(hits / 9**5)


def test_bound_for_ears_is_what_the_best_guess_reaches() -> None:
    """Any answers (left, right, or given away) fit at most two of all orders; some do fit two."""
    orders = [tuple(bits >> place & 1 for place in range(chance.TRIALS)) for bits in chance.orders()]
    fitting: Counter[tuple[int | None, ...]] = Counter()
    for order in orders:
        fitting[order] += 1
        for left in (place for place in range(chance.TRIALS) if order[place]):
            for right in (place for place in range(chance.TRIALS) if not order[place]):
                given = tuple(None if place in {left, right} else ear for place, ear in enumerate(order))
                fitting[given] += 1
    assert max(fitting.values()) / len(orders) == pytest.approx(chance.mixed())


def test_lots_are_drawn_evenly() -> None:
    some = [draw(Random(seed), Language.RUSSIAN) for seed in range(2000)]
    trials = [trial for one in some for trial in one.trials]
    numbers = Counter(trial.number for trial in trials)
    assert set(numbers) == set(chance.NUMBERS)
    assert max(numbers.values()) < 1.1 * min(numbers.values())
    lefts = [sum(trial.ear is Ear.LEFT for trial in one.trials) for one in some]
    assert set(lefts) == set(range(chance.LEAST, chance.TRIALS - chance.LEAST + 1))
    assert sum(trial.ear is Ear.LEFT for trial in trials) / len(trials) == pytest.approx(0.5, abs=0.01)
    assert len({one.sounds for one in some}) == 6


@pytest.mark.parametrize("hears", [dead_and_clever(Ear.LEFT), guesses_ear, clicks])
def test_guessers_do_not_pass(hears: Hears) -> None:
    """Trying agrees with the bound: of 3000 at most 9 pass, where 2.4 are expected (P < 0.0006)."""
    passed = 0
    for seed in range(3000):
        numbers, _voice = judge(told(Listener(hears, seed + 1), seed), "anna")
        passed += numbers.outcome is Outcome.PASS
        assert numbers.check is Check.NUMBERS
    assert passed <= 9
