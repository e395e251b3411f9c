"""The controller's side of a workstation's running agent: questions and answers, see labcheck.agent.protocol.

What an agent says is untrusted: its lines are bounded by the transport, and an answer is believed to be one
only when it has the right shape.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from labcheck import reasons
from labcheck.errors import N_, LabcheckError
from labcheck.transport.base import Channel
from labcheck.transport.errors import DeadlinePassed, TransportError

VERSION = 1
PING_SECONDS = 30.0
PINGS = 3
STOP_SECONDS = 0.2
"""How long a wish to stop a watch may go unnoticed."""
SHOWN_CHARS = 500
MESSAGE_CHARS = 200


class LinkError(LabcheckError):
    """Root of what goes wrong with an agent."""

    code = "agent"
    remedy = N_("Run the same command again; if it stays so, look at the workstation named.")


class NoPython(LinkError):
    """No Python on the workstation that the agent could run on."""

    code = "no-python"
    remedy = N_("Install Python 3.9 or newer on the workstation (for all users), then try again.")


class AgentBroken(LinkError):
    """The agent does not start, ended in the middle, or speaks nonsense."""

    code = "agent-broken"
    remedy = N_("Run the same command again; the message has the agent's last words.")


class AgentRefused(LinkError):
    """The agent did not do what it was asked to; ``said`` is the code of its answer."""

    code = "agent-refused"
    remedy = N_("Put right what the message names on the workstation, then try again.")

    @property
    def said(self) -> str:
        """The agent's own code for it."""
        return str(self.params["said"])

    @property
    def detail(self) -> Mapping[str, Any]:
        """What the agent added; untrusted."""
        detail = self.params["detail"]
        return detail if isinstance(detail, dict) else {}


@dataclass(frozen=True, slots=True)
class Hello:
    """How an agent introduced itself."""

    hash: str
    python: str
    system: str
    pid: int


OnProgress = Callable[[Mapping[str, Any]], None]


class Link:
    """One running agent. Its methods may be called by one thread at a time; ``stop`` by any."""

    def __init__(self, seat: str, channel: Channel, hello: Hello) -> None:
        """Use :func:`start`."""
        self.seat = seat
        self.hello = hello
        self._channel = channel
        self._last = 0

    def call(
        self,
        do: str,
        given: Mapping[str, Any] | None = None,
        *,
        deadline: float,
        progress: OnProgress | None = None,
    ) -> dict[str, Any]:
        """Ask for something and wait for the answer, ``deadline`` seconds at most.

        Raises AgentRefused, AgentBroken, DeadlinePassed, ConnectionLost. After DeadlinePassed the agent may
        still be at it; the next call waits for that first.
        """
        number = self._ask(do, given)
        until = monotonic() + deadline
        while True:
            message = self._message(max(0.0, until - monotonic()))
            if message.get("id") != number:
                continue  # of a call that was given up
            if "progress" in message:
                if progress is not None:
                    progress(mapping(message["progress"]))
                continue
            return self._answer(do, message)

    def watch(
        self, given: Mapping[str, Any], *, stop: threading.Event, deadline: float
    ) -> Iterator[dict[str, Any]]:
        """The looks of a watch until ``stop``; ``deadline`` is how late one may be. Raises as call."""
        number = self._ask("watch", given)
        until = monotonic() + deadline
        running, told = True, False
        try:
            while running:
                if stop.is_set() and not told:
                    told = self._stop(number)
                try:
                    message = self._message(min(STOP_SECONDS, max(0.0, until - monotonic())))
                except DeadlinePassed:
                    if monotonic() < until:
                        continue
                    raise
                if message.get("id") != number:
                    continue
                running = "progress" in message
                if running:
                    until = monotonic() + deadline
                    yield mapping(message["progress"])
                else:
                    self._answer("watch", message)
        finally:
            if running and not told:
                with contextlib.suppress(TransportError):
                    self._stop(number)

    def _stop(self, number: int) -> bool:
        self._channel.send(_line({"id": number, "do": "stop"}))
        return True

    def ping(self, *, deadline: float = PING_SECONDS) -> float:
        """Milliseconds that a question and its answer take."""
        began = monotonic()
        self.call("ping", deadline=deadline)
        return (monotonic() - began) * 1000

    def facts(self, given: Mapping[str, Any], *, deadline: float) -> dict[str, Any]:
        """The facts, with the time that the network takes, measured from here: the best of some."""
        found = self.call("facts", given, deadline=deadline)
        fastest = min(self.ping(deadline=deadline) for _ in range(PINGS))
        found["network"] = {**mapping(found.get("network")), "controller_ms": fastest}
        return found

    def close(self) -> None:
        """Let the agent end. May be called twice."""
        self._channel.close()

    def _ask(self, do: str, given: Mapping[str, Any] | None) -> int:
        self._last += 1
        self._channel.send(_line({"id": self._last, "do": do, "with": dict(given or {})}))
        return self._last

    def _message(self, seconds: float) -> dict[str, Any]:
        line = self._channel.receive(seconds)
        if line is None:
            raise broken(self.seat, self._channel)
        return parsed(self.seat, line)

    def _answer(self, do: str, message: dict[str, Any]) -> dict[str, Any]:
        if isinstance(message.get("result"), dict):
            return dict(message["result"])
        error = mapping(message.get("error"))
        if not error:
            raise AgentBroken(N_("{seat}: the agent answers without an answer"), seat=self.seat)
        raise AgentRefused(
            N_("{seat}: {do}: {message}"),
            seat=self.seat,
            do=do,
            message=reasons.said(str(error.get("message") or "—"), MESSAGE_CHARS),
            said=shown(error.get("code")),
            detail=mapping(error.get("detail")),
        )


def hello(seat: str, channel: Channel, until: float) -> Hello | None:
    """How the agent introduces itself; None when it ended before. Raises AgentBroken, DeadlinePassed."""
    line = channel.receive(max(0.0, until - monotonic()))
    if line is None:
        return None
    return hello_of(seat, parsed(seat, line))


def hello_of(seat: str, said: Mapping[str, Any]) -> Hello:
    """The agent's first line, taken apart. Raises AgentBroken."""
    if said.get("agent") != VERSION or not isinstance(said.get("pid"), int):
        raise AgentBroken(N_("{seat}: something else than our agent answers"), seat=seat)
    return Hello(shown(said.get("hash")), shown(said.get("python")), shown(said.get("system")), said["pid"])


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def parsed(seat: str, untrusted: bytes) -> dict[str, Any]:
    """The message in a line. Raises AgentBroken."""
    try:
        message = json.loads(untrusted)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise AgentBroken(
            N_("{seat}: the agent speaks nonsense: {said}"),
            seat=seat,
            said=shown(untrusted[:100].decode("utf-8", "replace")),
        )
    return message


def mapping(untrusted: object) -> dict[str, Any]:
    """The mapping that it is; an empty one when it is none."""
    return untrusted if isinstance(untrusted, dict) else {}


def shown(untrusted: object) -> str:
    """As one line of printable characters, cut."""
    text = " ".join(str(untrusted if untrusted is not None else "").split())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)[:SHOWN_CHARS]


def broken(seat: str, channel: Channel) -> AgentBroken:
    """What to raise when the agent is gone: with its last words."""
    said = shown(channel.errors().decode("utf-8", "replace")[-SHOWN_CHARS:])
    return AgentBroken(N_("{seat}: the agent ended: {said}"), seat=seat, said=said or "—")
