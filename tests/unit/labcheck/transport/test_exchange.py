"""Bounds, lines and the talk with sudo, byte by byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.transport.base import ERROR_BYTES, LINE_BYTES, OUTPUT_BYTES
from labcheck.transport.errors import SudoRefused
from labcheck.transport.exchange import Exchange, Lines, Sudo, printable
from provision.secret import Secret


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b""))), st.integers(1, 7))
def test_lines_come_whole_however_they_are_cut(lines: list[bytes], step: int) -> None:
    whole, found = b"".join(line + b"\n" for line in lines) + b"half", []
    taken = Lines()
    for at in range(0, len(whole), step):
        taken.out(whole[at : at + step])
        while (line := taken.next()) is not None:
            found.append(line)
    assert found == lines


def test_a_line_may_be_as_long_as_the_bound_and_no_longer() -> None:
    lines = Lines()
    lines.out(b"x" * LINE_BYTES)
    lines.out(b"\n")
    assert lines.next() == b"x" * LINE_BYTES
    with pytest.raises(ValueError, match="too long"):
        lines.out(b"x" * (LINE_BYTES + 1))


def test_of_stderr_the_last_is_kept() -> None:
    lines = Lines()
    lines.err(b"first")
    lines.err(b"y" * ERROR_BYTES)
    assert lines.errors() == b"y" * ERROR_BYTES


@pytest.mark.parametrize(("count", "truncated"), [(OUTPUT_BYTES, False), (OUTPUT_BYTES + 1, True)])
def test_output_is_bounded(count: int, truncated: bool) -> None:
    exchange = Exchange(b"", None)
    exchange.out(b"x" * count)
    done = exchange.completed("204-07", 0)
    assert (len(done.stdout), done.truncated) == (OUTPUT_BYTES, truncated)


def markers(sudo: Sudo) -> tuple[bytes, bytes]:
    """The prompt, and the sign that the command has begun, as they stand in the line."""
    found = re.findall(r"\[[0-9a-f]{24}\]|<[0-9a-f]{24}>", sudo.line("true"))
    return found[0].encode(), found[-1].encode()


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_the_password_is_given_once_and_stdin_only_to_the_command(step: int) -> None:
    sudo = Sudo(Secret("pass-204"))
    prompt, begun = markers(sudo)
    exchange = Exchange(b"for the command", sudo)
    assert not exchange.to_send()
    said = b"a lecture\n" + prompt
    for at in range(0, len(said), step):
        exchange.err(said[at : at + step])
    assert bytes(exchange.to_send()) == b"pass-204\n"
    exchange.sent(9)
    assert not exchange.to_send()
    assert not exchange.all_sent()
    for at in range(0, len(begun), step):
        exchange.err(begun[at : at + step])
    assert bytes(exchange.to_send()) == b"for the command"
    exchange.sent(15)
    assert exchange.all_sent()
    exchange.err(b"its own words")
    assert exchange.completed("204-07", 0).stderr == b"its own words"


def test_a_second_prompt_ends_the_talk() -> None:
    sudo = Sudo(Secret("pass-204"))
    prompt, _ = markers(sudo)
    exchange = Exchange(b"secret answer", sudo)
    exchange.err(prompt)
    exchange.sent(9)
    exchange.err(b"Sorry, try again.\n" + prompt)
    assert exchange.all_sent()
    with pytest.raises(SudoRefused, match="Sorry, try again") as raised:
        exchange.completed("204-07", 1)
    assert prompt.decode() not in str(raised.value)


def test_the_password_is_in_no_line() -> None:
    assert "pass-204" not in Sudo(Secret("pass-204")).line("true")


@given(st.binary(max_size=2000))
def test_words_of_others_are_made_printable_and_short(said: bytes) -> None:
    shown = printable(said)
    assert len(shown) <= 300
    assert shown == "" or shown.isprintable()
