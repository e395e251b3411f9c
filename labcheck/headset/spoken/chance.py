"""How likely it is that somebody passes who does not hear: exact, and however they guess.

No answer is told right or wrong, numbers and ears are drawn independently of everything, and so nothing that
was answered before helps with the next.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

NUMBERS = tuple(range(1, 10))
"""What is spoken: one to nine. Digits are the words of the digit triplet tests of hearing (Smits, Kapteyn and
Houtgast 2004, Int. J. Audiol. 43:15), which exist for some twenty languages: everybody knows them,
ten-year-olds included, they are short, and stand on a button as a figure that needs no reading. Nought is
left out: nine fill a square, as on a telephone."""
TRIALS = 12
LEAST = 5
"""Trials of either ear, at the least."""
MISSES = 1
"""Trials of either ear that may be answered with "nothing", or with another number: a cough, a slip. None may
be answered with the wrong ear, or with both."""


def at_least(right: int, trials: int, chance: float) -> float:
    """Probability of so many right ones and more: sum of C(n, k) p^k (1 - p)^(n - k) for k = right...n."""
    return sum(comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(right, trials + 1))


def deaf(trials: int) -> float:
    """Probability that an ear passes in which nothing is heard, of ``trials`` in that ear.

    Who hears the other ear well may know from the silence which ear it was; the number must still be guessed,
    each time with a chance of one in nine: at_least(n - 1, n, 1/9), 0.0007 for five trials, less for more."""
    return at_least(trials - MISSES, trials, 1 / len(NUMBERS))


@lru_cache(maxsize=1)
def orders() -> tuple[int, ...]:
    """Every order of ears that may be drawn, as bits: TRIALS of them, each ear LEAST times and more."""
    return tuple(bits for bits in range(2**TRIALS) if LEAST <= bits.bit_count() <= TRIALS - LEAST)


def mixed() -> float:
    """Probability that somebody passes who hears all numbers but cannot tell the ears: both play the same.

    All orders are equally likely. Two trials may be given away as "nothing", when one of them was left and
    the other right; the answers then fit two orders at the most, whatever they are: 2 / 2508."""
    return comb(2 * MISSES, MISSES) / len(orders())


def guessing() -> float:
    """The larger of both: whatever is broken, nobody who does not hear passes more often. Below 1/1000."""
    return max(mixed(), *map(deaf, range(LEAST, TRIALS - LEAST + 1)))
