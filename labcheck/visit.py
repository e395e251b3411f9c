"""One workstation, from the call to the last check. Failure is data: a visit always ends in a result.

Phases: connect, agent (brought there when it is not), deploy (the exam program, where the profile has one),
checks (facts against the requirements), and where a headset is demanded its sound: a visit gets that ready,
and waits for the others, because all headsets of a room are tested together (labcheck.room); where the
profile leaves that test out, the sound's path is opened and recorded.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from labcheck import deploy, push, soundpath, verdict
from labcheck.deploy import Action, Deployed, Package, described
from labcheck.deployerrors import DeployError, WorkstationLocked
from labcheck.errors import N_
from labcheck.failure import STOPPED, finding_of
from labcheck.finding import HEADSET, Check, Finding
from labcheck.judges.base import Seen
from labcheck.link import PING_SECONDS, PINGS, AgentRefused, Link
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.requirements import Requirements
from labcheck.transport.base import Endpoint, Transport
from labcheck.transport.errors import TransferRefused

if TYPE_CHECKING:  # most commands need no numpy
    from labcheck.headset.ready import Ready


class Phase(StrEnum):
    """What a visit is at."""

    CONNECT = "connect"
    AGENT = "agent"
    DEPLOY = "deploy"
    CHECKS = "checks"
    WAIT = "wait"
    SOUND = "sound"
    PLAY = "play"
    MEASURE = "measure"


LIMITS = {
    Phase.CONNECT: 20.0,
    Phase.AGENT: 120.0,
    Phase.DEPLOY: 900.0,
    Phase.CHECKS: 90.0,
    Phase.SOUND: 45.0,
}
"""Seconds that each phase may take."""
_CLOSE_SECONDS = 10.0
KEEP_SECONDS = 120.0
"""An agent that is asked nothing for ten minutes ends; one that waits for the others is asked this often."""
HEARD = tuple(check for check in HEADSET if check is not Check.NEIGHBOURS)
"""What the test of the headsets must have found of each; of neighbours only where there are any."""
LEFT_OUT = Finding(
    Check.EARS,
    Outcome.WARN,
    phrase(N_("not checked: the profile leaves the test of the headsets out")),
    remedy=phrase(
        N_(
            "Check this headset by ear ('labcheck spoken'), or set 'headset_test: true' in inventory.yaml "
            "and check again."
        )
    ),
)


class Connect(Protocol):
    """How one gets to a workstation: labcheck.transport.ssh.connect with its credentials."""

    def __call__(self, endpoint: Endpoint, *, deadline: float) -> Transport:
        """A connection that is logged in. Raises what a transport does."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done at each workstation. ``owner`` is told to others that meet our lock."""

    wanted: Requirements
    bundles: push.Source
    package: Package | None = None
    owner: str = "labcheck"
    only_headsets: bool = False
    """Nothing else is checked, and nothing installed."""
    limits: dict[Phase, float] = field(default_factory=lambda: dict(LIMITS))

    @property
    def demanded(self) -> tuple[Check, ...]:
        """The checks without which nothing is ready."""
        sound: tuple[Check, ...] = ()
        if self.wanted.headset:
            sound = HEARD if self.proves else (Check.SOUND_PATH,)
        if self.only_headsets:
            return sound
        install = (Check.INSTALL,) if self.package else ()
        return (*verdict.required(self.wanted), *install, *sound)

    @property
    def proves(self) -> bool:
        """Whether all headsets are tested together."""
        return self.wanted.headset and self.wanted.headset_test is not None


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of a workstation. ``begun`` is whether it was called at all; ``phase`` the last one begun.

    ``changed``: whether anything was installed or put right there.
    """

    seat: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    begun: bool
    phase: Phase | None
    changed: bool
    seconds: float


Tell = Callable[[Phase, str, int, int], None]
"""Told of a phase that begins (no step) and of the steps of an installation: done and in all, in bytes."""


class _Stopped(Exception):
    """The run is to end before the next phase."""


class Visit:
    """One workstation under way. ``run`` is for a thread of its own; the rest for any."""

    def __init__(
        self, endpoint: Endpoint, task: Task, connect: Connect, stop: threading.Event, places: Iterator[int]
    ) -> None:
        """``stop`` lets the phase under way end and begins no other. ``places`` gives the next one to whoever
        gets ready for the test of the headsets."""
        self.endpoint = endpoint
        self.phase = Phase.CONNECT
        self.phase_ends = monotonic() + sum(task.limits.values())
        self._ready: Ready | None = None
        self._task, self._connect, self._stop, self._places = task, connect, stop, places
        self._transport: Transport | None = None
        self._link: Link | None = None
        self._keeping: threading.Thread | None = None
        self._asked = 0.0
        self._findings: list[Finding] = []
        self._changed = self._given_up = False
        self._began = monotonic()

    def run(self, tell: Tell) -> Visited | None:
        """Go through all phases; None: all but the headset's test is done, see ``join``. Raises nothing."""
        try:
            if self._phases(tell):
                return None
        except _Stopped:
            self._findings.append(STOPPED)
        except Exception as failed:  # noqa: BLE001 - whatever it is, the other workstations go on
            self._findings.append(finding_of(failed, _CHECK_OF.get(self.phase, Check.CONNECTION)))
        self._leave()
        return self.result()

    def keep(self) -> None:
        """While it waits: have the agent know from time to time that we are still here."""
        link = self._link
        if link is None or monotonic() < self._asked + KEEP_SECONDS:
            return

        def ask() -> None:
            with contextlib.suppress(Exception):  # what it means is found out when the link is needed
                link.ping()

        self._asked = monotonic()
        self._keeping = threading.Thread(target=ask, daemon=True)
        self._keeping.start()

    def join(self) -> tuple[Link, Ready]:
        """The link to go on with, once ``run`` gave None, and how ready the headset is."""
        if self._keeping is not None:
            self._keeping.join(PING_SECONDS)
        assert self._link is not None  # noqa: S101 - told to mypy: run() has set both
        assert self._ready is not None  # noqa: S101
        return self._link, self._ready

    def end(self, findings: Sequence[Finding]) -> Visited:
        """The result with what the headset's test has found; whoever waited is let go."""
        self._findings += findings
        self._leave()
        return self.result()

    def _leave(self) -> None:
        """Close what is open, without waiting for it in this thread."""

        def close() -> None:
            for one in (self._link, self._transport):
                with contextlib.suppress(Exception):
                    if one is not None:
                        one.close()

        threading.Thread(target=close, daemon=True).start()

    def result(self, *more: Finding) -> Visited:
        """What is known by now, and ``more``."""
        findings = (*self._findings, *more)
        outcome = verdict.verdict(findings, self._task.demanded)
        seconds = monotonic() - self._began
        return Visited(self.endpoint.seat, outcome, findings, True, self.phase, self._changed, seconds)

    def cut(self) -> None:
        """Break the connection off without waiting for anything, and begin nothing more."""
        self._given_up = True
        transport = self._transport
        if transport is not None:
            threading.Thread(target=_close, args=(transport,), daemon=True).start()

    def _phases(self, tell: Tell) -> bool:
        """Whether the headset is still to be tested, together with the others."""
        task = self._task
        seconds = self._begin(Phase.CONNECT, tell)
        self._transport = self._connect(self.endpoint, deadline=seconds)
        link = push.start(self._transport, task.bundles, deadline=self._begin(Phase.AGENT, tell))
        if not task.only_headsets:
            if task.package is not None:
                self._deploy(link, task.package, self._begin(Phase.DEPLOY, tell), tell)
            self._check(link, self._begin(Phase.CHECKS, tell))
        if task.proves:
            self._begin(Phase.SOUND, tell)
            self._get_ready(link)
            self._link, self._asked = link, monotonic()
            tell(Phase.WAIT, "", 0, 0)
            return True
        if task.wanted.headset:
            self._sound(link, self._begin(Phase.SOUND, tell))
            self._findings.append(LEFT_OUT)
        self.phase_ends = monotonic() + _CLOSE_SECONDS
        with contextlib.suppress(Exception):  # all that was to be known is known
            link.close()
        return False

    def _begin(self, phase: Phase, tell: Tell) -> float:
        """Say that a phase begins, and how many seconds it may take."""
        if self._given_up or self._stop.is_set():
            raise _Stopped
        seconds = self._task.limits[phase]
        self.phase, self.phase_ends = phase, monotonic() + seconds
        tell(phase, "", 0, 0)
        return seconds

    def _deploy(self, link: Link, package: Package, seconds: float, tell: Tell) -> None:
        """A failed installation keeps nobody from checking the rest; a lost connection does."""

        def say(step: str, done: int, size: int) -> None:
            tell(Phase.DEPLOY, step, done, size)

        transport = self._transport
        assert transport is not None  # noqa: S101 - told to mypy: the phases come one after the other
        try:
            done = deploy.apply(link, transport, package, owner=self._task.owner, deadline=seconds, say=say)
        except (DeployError, TransferRefused) as failed:
            self._changed = not isinstance(failed, WorkstationLocked)
            self._findings.append(finding_of(failed, Check.INSTALL))
        else:
            self._changed = done.changed
            self._findings.append(_installed(done, package))

    def _check(self, link: Link, seconds: float) -> None:
        wanted = self._task.wanted
        program = wanted.software
        steps = program.steps.get(link.hello.system) if program else None
        given = {
            "exam_user": wanted.exam_user,
            "answers": steps.answers if steps else "",
            "software": described(program, link.hello.system) if program else None,
        }
        asked = time.time()
        untrusted_facts = link.call("facts", given, deadline=seconds)
        answered = time.time()
        milliseconds = min(link.ping(deadline=seconds) for _ in range(PINGS))
        self._findings += verdict.judge(untrusted_facts, wanted, Seen(asked, answered, milliseconds))

    def _get_ready(self, link: Link) -> None:
        from labcheck.headset.ready import get_ready, levels_of  # noqa: PLC0415 - brings numpy

        wanted = self._task.wanted
        self._ready = get_ready(link, next(self._places), wanted.exam_user, levels_of(wanted))

    def _sound(self, link: Link, seconds: float) -> None:
        wanted = self._task.wanted
        try:
            answer = link.call("sound", soundpath.request(wanted, seconds - 5), deadline=seconds)
        except AgentRefused as refused:
            self._findings.append(soundpath.refused(refused))
        else:
            self._findings.append(soundpath.judge(answer, wanted))


def _close(transport: Transport) -> None:
    with contextlib.suppress(Exception):
        transport.close()


_CHECK_OF = {Phase.DEPLOY: Check.INSTALL, Phase.SOUND: Check.SOUND_PATH}
_INSTALLED = {
    Action.NOTHING: N_("was there already; nothing was changed"),
    Action.INSTALL: N_("installed now"),
    Action.REPLACE: N_("installed now in place of another version"),
    Action.REPAIR: N_("put right now"),
    Action.FINISH: N_("finished now; an earlier run was cut"),
}


def not_begun(seat: str) -> Visited:
    """A workstation that the run did not come to."""
    return Visited(seat, Outcome.NOT_CHECKED, (STOPPED,), False, None, False, 0.0)


def _installed(done: Deployed, package: Package) -> Finding:
    software = package.software
    limit = phrase("{name} {version}", name=software.name, version=software.version)
    return Finding(Check.INSTALL, Outcome.PASS, phrase(_INSTALLED[done.action]), limit)
