"""What is typed at the controller in the spoken check."""

from __future__ import annotations

import io

import pytest

from labcheck.headset.spoken.draw import Ear, Sound
from labcheck.headset.spoken.keys import answer_of
from labcheck.headset.spoken.steps import Answer, Ask, Heard, Screen, Show, Word
from provision.cli.lab_spoken_terminal import Terminal

WORD = Ask(Screen.WORD, 1, 12, back=True)
SOUND = Ask(Screen.SOUND, 0, 3)


@pytest.mark.parametrize(
    ("ask", "line", "answer"),
    [
        (WORD, "л7\n", Heard(Ear.LEFT, 7)),
        (WORD, " П 1\n", Heard(Ear.RIGHT, 1)),
        (WORD, "R9", Heard(Ear.RIGHT, 9)),
        (WORD, "l0", None),
        (WORD, "7", None),
        (WORD, "л17", None),
        (WORD, "о", Word.BOTH),
        (WORD, "н", Word.NOTHING),
        (WORD, "\n", Word.REPEAT),
        (WORD, "-", Word.BACK),
        (Ask(Screen.WORD, 0, 12), "-", None),
        (WORD, "с", Word.STOP),
        (WORD, "да", None),
        (SOUND, "1", Sound.OWN),
        (SOUND, "2", Sound.OTHER),
        (SOUND, "3", Sound.NOISE),
        (SOUND, "n", Word.NOTHING),
        (SOUND, "b", None),
        (SOUND, "ok", None),
        (Ask(Screen.START), "\n", Word.READY),
        (Ask(Screen.SPEAK), "q", Word.STOP),
        (Ask(Screen.SPEAK), "л7", None),
    ],
)
def test_lines_and_what_they_mean(ask: Ask, line: str, answer: Answer | None) -> None:
    assert answer_of(ask, line) == answer


def test_it_asks_until_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("да\nл3\n"))
    terminal = Terminal()
    terminal.show(Show(Screen.PLAYING, 1, 12))
    assert terminal.ask(WORD) == Heard(Ear.LEFT, 3)
    assert terminal.ask(WORD) is Word.STOP, "the input has ended"
    said = capsys.readouterr()
    assert not said.out
    assert "2 of 12. Listen" in said.err
    assert "That is none of the answers." in said.err
