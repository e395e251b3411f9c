"""The use case behind ``labcheck spoken``: a person listens and speaks at one workstation.

What a person has proved is written down beside what was measured today, as what is known of the headset now
(see :func:`labcheck.headset.spoken.judging.settled`). Answers that were broken off are no result: what was
known before stays. No voice is ever written down.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from random import SystemRandom

from labcheck import push, verdict
from labcheck.errors import LabcheckError
from labcheck.finding import HEADSET, SPOKEN, Check, Finding
from labcheck.headset.asking import HeadsetError, Levels
from labcheck.headset.path import unheard
from labcheck.headset.spoken.draw import draw
from labcheck.headset.spoken.judging import judge, settled
from labcheck.headset.spoken.run import Person, hold
from labcheck.headset.spoken.seat import SeatHeadset
from labcheck.headset.spoken.talk import End, Told
from labcheck.headset.spoken.words import Language
from labcheck.link import AgentRefused, Link
from labcheck.outcome import Outcome
from labcheck.requirements import HeadsetTest, Requirements
from labcheck.transport.base import Credentials
from labcheck.visit import HEARD, LIMITS, Phase
from provision.lab import requirements_of, terms_of
from provision.labroom import Connections, endpoint_of, headsets_of, status_of
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, record_headsets
from provision.site.model import Room, Workstation
from provision.site.site import Site

FindPerson = Callable[[Link, str], Person]
"""Who is asked, given the agent and the exam account at its screen."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of it. ``findings``: the person's; ``known``: with what was measured today, as it is on
    record; None where it was broken off and nothing was written down."""

    findings: tuple[Finding, ...]
    known: SeatResult | None

    @property
    def good(self) -> bool:
        """Whether a person has heard and was heard."""
        return all(finding.outcome.good for finding in self.findings)


def measured_today(
    site: Site, ledger: Ledger, room: Room, station: Workstation
) -> tuple[Finding, ...] | None:
    """What counts now of the seat's headset; None: the seat has no whole check that counts."""
    seat = next(one for one in status_of(site, ledger, room).seats if one.station == station)
    if seat.checked is None or not seat.counts:
        return None
    return tuple(one for one in seat.checked.result.findings if one.check in {*HEADSET, *SPOKEN})


def speak(
    ledger: Ledger,
    site: Site,
    room: Room,
    station: Workstation,
    credentials: Credentials,
    find: FindPerson,
    language: Language,
    who: str,
) -> Spoken:
    """Hold the check and write down what came of it. Raises NoHeadsets, what a transport does, LinkError."""
    task = headsets_of(site)
    connect = Connections(credentials)
    with closing(connect(endpoint_of(room, station), deadline=LIMITS[Phase.CONNECT])) as transport:
        link = push.start(transport, task.bundles, deadline=LIMITS[Phase.AGENT])
        with closing(link):
            found, ended = _held(link, task.wanted, find, language, who)
    return write_down(ledger, site, room, station, found, ended, who)


def write_down(
    ledger: Ledger,
    site: Site,
    room: Room,
    station: Workstation,
    found: tuple[Finding, ...],
    ended: End,
    who: str,
) -> Spoken:
    """Record what a person found, beside what was measured today; nothing where it was broken off."""
    if ended is not End.DONE and not any(one.outcome is Outcome.FAIL for one in found):
        return Spoken(found, None)
    wanted = requirements_of(site.inventory, site.now())
    known = settled(measured_today(site, ledger, room, station) or (), found, who)
    demanded = HEARD if wanted.headset_test is not None else (Check.SOUND_PATH,)
    result = SeatResult(station.seat, verdict.verdict(known, demanded), known, terms_of(wanted, station))
    record_headsets(ledger, room.number, [result])
    return Spoken(found, result)


def _held(
    link: Link, wanted: Requirements, find: FindPerson, language: Language, who: str
) -> tuple[tuple[Finding, ...], End]:
    """The findings, and how it ended. A headset that is not there bothers nobody."""
    rules = wanted.headset_test or HeadsetTest()
    levels = Levels(rules.microphone_percent, rules.earphones_percent)
    headset = SeatHeadset(link, wanted.exam_user, levels, wanted.headset_usb_ids)
    told = Told(draw(SystemRandom(), language), end=End.STOPPED)
    try:
        opened = headset.opened()
        if opened.outcome.good:
            person = find(link, wanted.exam_user)
            try:
                told = hold(told.draw, headset, person)
            finally:
                with contextlib.suppress(LabcheckError):  # all that was to be known is known
                    person.close()
    except (AgentRefused, HeadsetError) as failed:
        opened = unheard(failed)
    return (opened, *judge(told, who)), told.end
