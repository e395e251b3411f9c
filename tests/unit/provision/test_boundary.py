"""The boundary of the command line: whatever happens inside, words, JSON and an exit code come out."""

from __future__ import annotations

import errno
import json

import click
import pytest

from provision.cli.common import guarded


def outcome(error: BaseException, *, as_json: bool) -> int:
    """The exit code of a command that raises."""

    @guarded
    def command(*, as_json: bool) -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        command(as_json=as_json)
    code: int = caught.value.code  # type: ignore[assignment]
    return int(code)


def test_a_full_disk_is_told_with_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/media/stick/out")
    assert outcome(full, as_json=False) == 3
    assert "/media/stick/out: the disk is full" in capsys.readouterr().err
    assert outcome(full, as_json=True) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["error"], told["message"]) == ("system-refused", "/media/stick/out: the disk is full")


def test_a_mistake_of_our_own_is_json_too_and_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(KeyError("Иванов Иван"), as_json=True) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"] == "unexpected"
    assert "Иванов" not in shown.out + shown.err


def test_a_prompt_that_is_left_is_an_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(click.Abort(), as_json=False) == 130
    assert "Run the same command again" in capsys.readouterr().err
