"""What the agent says in English is known here, all of it, and can be said in Russian."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck import agent, reasons, soundpath
from labcheck.facts import Facts, NotKnown
from labcheck.failure import finding_of
from labcheck.finding import Finding
from labcheck.link import AgentRefused, Hello, Link
from labcheck.phrase import Phrase
from provision.ledger.lab import phrase_data, phrase_of
from provision.locale import translator

SOURCES = sorted(Path(str(agent.__file__)).parent.glob("*.py"))
_SAYS = {"Unavailable": 0, "Refused": 1, "error": 1}
"""Calls that give a reason -> which argument it is."""
_KEYS = {"unavailable", "message"}
CHILD = "sound_child.py"
"""A process of its own, which tells its parent what ended it."""
_ITS_OWN_WORDS = re.compile(r"((PowerShell|Core Audio|Task Scheduler|pactl|pw-dump|loginctl|{}): )?{}")
"""A program, and what it said."""


_WITHIN: dict[type[ast.AST], tuple[str, ...]] = {
    ast.IfExp: ("body", "orelse"),
    ast.BoolOp: ("values",),
    ast.BinOp: ("left", "right"),
    ast.Subscript: ("value",),
}


def texts(node: ast.AST, source: ast.AST) -> Iterator[str]:
    """The English in an expression; what is filled in is {}."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from texts(part.value, source)
    elif isinstance(node, ast.Name):
        for one in ast.walk(source):
            if isinstance(one, ast.Assign) and node.id in {getattr(to, "id", "") for to in one.targets}:
                yield from texts(one.value, source)
    else:
        for name in _WITHIN.get(type(node), ()):
            within = getattr(node, name)
            for part in within if isinstance(within, list) else [within]:
                yield from texts(part, source)


def reasons_in(source: ast.AST, *, handed_on: bool) -> Iterator[str]:
    """All that a module of the agent may give as a reason; ``handed_on``: also by any exception."""
    for node in ast.walk(source):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = _SAYS.get(name, len(node.args))
            if at < len(node.args):
                yield from texts(node.args[at], source)
        elif isinstance(node, ast.Raise) and handed_on and isinstance(node.exc, ast.Call) and node.exc.args:
            yield from texts(node.exc.args[0], source)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in _KEYS:
                    yield from texts(value, source)


def shape(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)


FOUND = {
    (path.name, text)
    for path in SOURCES
    for text in reasons_in(ast.parse(path.read_text("utf-8")), handed_on=path.name == CHILD)
    if not _ITS_OWN_WORDS.fullmatch(text)
}


@pytest.mark.parametrize(("module", "text"), sorted(FOUND))
def test_every_reason_that_the_agent_may_give_is_known(module: str, text: str) -> None:
    assert text in set(map(shape, reasons.OF_THE_AGENT)), f"{module}: put it into labcheck/reasons.py"


def test_none_is_known_that_it_never_gives() -> None:
    assert {shape(template) for template in reasons.OF_THE_AGENT} <= {text for _module, text in FOUND}


@pytest.mark.parametrize("template", [*reasons.OF_THE_AGENT, *reasons.OF_OTHERS])
def test_each_is_recognised_and_has_its_russian(template: str) -> None:
    names = re.findall(r"\{(\w+)\}", template)
    english = template.format(**dict.fromkeys(names, "Some words"))
    found = reasons.said(english)
    assert (found.template, str(found)) == (template, english)
    assert found.said(translator("ru")) != english


RUSSIAN = translator("ru")


def unknown(reason: object) -> Phrase:
    with pytest.raises(NotKnown) as caught:
        Facts({"sound": {"unavailable": reason}}).text("sound")
    return caught.value.reason


def cyrillic(said: str) -> bool:
    return bool(said) and not re.search("[A-Za-z]{3}", said.replace("PipeWire", "").replace("PowerShell", ""))


def test_a_reason_is_said_in_russian_to_its_end_also_from_the_record() -> None:
    long = "the sound server does not answer; no sound card is known to PipeWire or the kernel either"
    reason = unknown(long)
    assert str(reason) == f"the workstation could not tell: {long}"
    assert phrase_of(phrase_data(reason)).said(RUSSIAN) == reason.said(RUSSIAN)
    assert cyrillic(reason.said(RUSSIAN))
    assert cyrillic(unknown("PowerShell: no answer").said(RUSSIAN))


class Answer:
    """A channel on which one answer comes."""

    exit_status = None

    def __init__(self, code: str, message: str) -> None:
        error = {"code": code, "message": message, "detail": {}}
        self._line = json.dumps({"id": 1, "error": error}).encode()

    def send(self, line: bytes, deadline: float = 0.0) -> None:
        pass

    def receive(self, deadline: float) -> bytes:
        return self._line

    def errors(self) -> bytes:
        return b""

    def close(self) -> None:
        pass


def refused(code: str, message: str) -> AgentRefused:
    """What becomes of such an answer."""
    link = Link("1А", Answer(code, message), Hello("", "3.9", "linux", 1))
    with pytest.raises(AgentRefused) as caught:
        link.call("sound", deadline=5)
    return caught.value


@pytest.mark.parametrize("finding", [finding_of, soundpath.refused])
def test_what_it_refuses_is_said_in_russian(finding: Callable[[AgentRefused], Finding]) -> None:
    error = refused("no-such-device", "there is no such sound device")
    assert "there is no such sound device" in str(error)
    assert cyrillic(finding(error).measured.said(RUSSIAN).removeprefix("1А: sound: "))
    other = refused("sound-failed", "Error opening InputStream: Device unavailable [PaErrorCode -9985]")
    assert "Device unavailable" in finding(other).measured.said(RUSSIAN), "a library's words are quoted"


@given(st.text())
def test_whatever_else_was_said_is_quoted_in_a_line(text: str) -> None:
    said = reasons.said(text).said(str)
    assert len(said) <= 200
    assert said.isprintable()
    assert bool(said) == bool(text.split())
