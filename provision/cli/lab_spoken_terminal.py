"""The spoken check in a terminal: questions on standard error, a line for each answer."""

from __future__ import annotations

import sys

import click

from labcheck.headset.spoken import texts
from labcheck.headset.spoken.draw import Ear, Sound
from labcheck.headset.spoken.steps import Answer, Ask, Heard, Screen, Show, Word, choices
from provision.cli.words import N_
from provision.locale import gettext as _

NUMBER_KEYS = N_(
    "l7, r7: seven in the left, the right ear; b: in both; n: nothing; Enter: once more; q: stop"
)
BACK_KEY = N_("-: one back")
SOUND_KEYS = N_("1: my voice; 2: somebody else's; 3: noise; n: nothing; Enter: once more; q: stop")
READY_KEYS = N_("Enter: go on; q: stop")
_EARS = {"l": Ear.LEFT, "л": Ear.LEFT, "r": Ear.RIGHT, "п": Ear.RIGHT}
_WORDS = {
    "b": Word.BOTH,
    "о": Word.BOTH,
    "n": Word.NOTHING,
    "н": Word.NOTHING,
    "-": Word.BACK,
    "q": Word.STOP,
    "с": Word.STOP,
}
"""Keys, Latin and Cyrillic: nobody should have to change the keyboard's layout."""
_SOUNDS = {"1": Sound.OWN, "2": Sound.OTHER, "3": Sound.NOISE}


def answer_of(ask: Ask, line: str) -> Answer | None:
    """What a line means there; None: nothing."""
    typed = "".join(line.split()).casefold()
    found: Answer | None
    if not typed:
        found = Word.REPEAT if Word.REPEAT in choices(ask) else Word.READY
    elif ask.screen is Screen.SOUND and typed in _SOUNDS:
        found = _SOUNDS[typed]
    elif typed[0] in _EARS and typed[1:] in set("123456789"):
        found = Heard(_EARS[typed[0]], int(typed[1:]))
    else:
        found = _WORDS.get(typed)
    return found if found in choices(ask) else None


class Terminal:
    """A person at this terminal; the end of its input stops the check."""

    def show(self, show: Show) -> None:
        """One line."""
        if show.screen is Screen.PLAYING and show.of:
            counted = _(texts.COUNT).format(number=show.done + 1, all=show.of)
            click.echo(f"\n{counted}. {_(texts.ASKED[show.screen])}", err=True)
        else:
            click.echo(_(texts.ASKED[show.screen]), err=True)

    def ask(self, ask: Ask) -> Answer | None:
        """Ask until the line is an answer."""
        click.echo(_(texts.ASKED[ask.screen]).format(**texts.PARAMS), err=True)
        if ask.sentence:
            click.echo(f"\n    {ask.sentence}\n", err=True)
        while True:
            click.echo(f"  ({_keys(ask)}) ", err=True, nl=False)
            line = sys.stdin.readline()
            if not line:
                return Word.STOP
            answer = answer_of(ask, line)
            if answer is not None:
                return answer
            click.echo(_("That is none of the answers."), err=True)

    def close(self) -> None:
        """Nothing is open."""


def _keys(ask: Ask) -> str:
    if ask.screen is Screen.WORD:
        return "; ".join((_(NUMBER_KEYS), *([_(BACK_KEY)] if ask.back else [])))
    return _(SOUND_KEYS) if ask.screen is Screen.SOUND else _(READY_KEYS)
