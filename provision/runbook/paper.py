"""The procedure of a day as a checklist to be printed and signed by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from printing.documents.checklist import Box, Checklist, Line, Section, checklist
from printing.documents.room import Translate
from provision.errors import Phrase
from provision.ledger.signoffs import PASSPHRASE
from provision.locale import translator
from provision.runbook.board import Row, State
from provision.runbook.look import Board
from provision.runbook.model import Phase
from provision.runbook.words import PHASE_WORDS, WHO_WORDS

_BOXES = {
    State.PROVED: Box.PROVED,
    State.SIGNED: Box.SIGNED,
    State.LATE: Box.LATE,
    State.NEEDLESS: Box.NEEDLESS,
}


def checklist_of(seen: Board, now: dt.datetime) -> bytes:
    """The PDF, in the language of the site's papers."""
    school = seen.site.inventory.school
    translate = translator(school.language)
    found = seen.at(now)
    book = Checklist(
        school.name,
        seen.site.inventory.profile.name,
        seen.day.date,
        now,
        tuple(_sections(found, school.language, translate)),
        seen.events,
        seen.last_hash,
    )
    return checklist(book, translate)


def _sections(found: Sequence[Row], language: str, translate: Translate) -> list[Section]:
    """The phases in their order; what holds always stands with the day."""
    sections = []
    for phase in (Phase.BEFORE, Phase.DAY, Phase.ALWAYS, Phase.AFTER):
        lines = tuple(_line(row, language, translate) for row in found if row.step.phase is phase)
        sections.append(Section(translate(PHASE_WORDS[phase]), lines))
    return sections


def _line(row: Row, language: str, translate: Translate) -> Line:
    step = row.step
    who = translate(WHO_WORDS[step.who])
    if step.second is not None:
        who += f" + {translate(WHO_WORDS[step.second])}"
    return Line(
        row.id,
        step.title.of(language),
        who,
        f"{row.deadline:%d.%m %H:%M}",
        _BOXES.get(row.state, Box.OPEN),
        step.command,
        "; ".join(_proof(row, translate)),
        hands=1 if step.second is None else 2,
    )


def _proof(row: Row, translate: Translate) -> list[str]:
    _ = translate
    said = [row.step.skip] if row.step.skip else []
    if row.fact.said is not None:
        said.append(_filled(row.fact.said, translate))
    by = {PASSPHRASE: ", " + _("passphrase")}
    for one in row.signed:
        at = one.at.astimezone(row.deadline.tzinfo)
        said.append(f"{one.initials} {at:%d.%m %H:%M}{by.get(one.way, '')}")
    return said


def _filled(phrase: Phrase, translate: Translate) -> str:
    params = {
        name: _filled(value, translate) if isinstance(value, Phrase) else value
        for name, value in phrase.params.items()
    }
    return translate(phrase.template).format(**params)
