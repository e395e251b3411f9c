"""The spoken check in a terminal: questions on standard error, a line for each answer."""

from __future__ import annotations

import sys

import click

from labcheck.headset.spoken import keys, texts
from labcheck.headset.spoken.steps import Answer, Ask, Screen, Show, Word
from provision.locale import gettext as _


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
            answer = keys.answer_of(ask, line)
            if answer is not None:
                return answer
            click.echo(_(keys.NO_ANSWER), err=True)

    def close(self) -> None:
        """Nothing is open."""


def _keys(ask: Ask) -> str:
    return "; ".join((_(keys.told(ask.screen)), *([_(keys.BACK_KEY)] if ask.back else [])))
