"""The conversation's end: a controller that is silent for too long is gone."""

from __future__ import annotations

import io
import os

import pytest

from labcheck.agent import protocol
from labcheck.agent.protocol import Conversation


def test_a_silent_controller_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.1)
    reader, writer = os.pipe()
    source = os.fdopen(reader, "rb")
    conversation = Conversation(source, io.BytesIO())
    os.write(writer, b'{"id": 1, "do": "ping"}\n')
    assert conversation.next() == {"id": 1, "do": "ping", "with": {}}
    assert conversation.next() is None
    os.close(writer)
    conversation._lines.get(timeout=10)  # the reading thread has seen the end
    source.close()


def test_a_line_that_was_cut_is_no_request() -> None:
    conversation = Conversation(io.BytesIO(b'{"id": 1, "do": "ping"}'), io.BytesIO())
    assert conversation.next() is None


def test_the_end_stops_a_watch() -> None:
    conversation = Conversation(io.BytesIO(b'{"id": 1, "do": "watch"}\n'), io.BytesIO())
    assert conversation.next() is not None
    assert conversation.stopped(30.0) is True
    assert conversation.next() is None


def test_every_line_is_ascii_and_one() -> None:
    sink = io.BytesIO()
    conversation = Conversation(io.BytesIO(b'{"id": 7, "do": "x"}\n'), sink)
    conversation.next()
    conversation.progress(name="Наушники\n«Класс»\udcff")
    line = sink.getvalue()
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert line.startswith(b'{"id":7,"progress":')
