"""The procedure: its steps, when each is due, who does it and what proves it. Frozen types that are at once
the schema of ``procedure.yaml``; reading a file is in :mod:`provision.runbook.reading`."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from provision.site.fieldtypes import Time
from provision.site.frozen import Frozen


class Who(StrEnum):
    """Who does a step."""

    SPECIALIST = "specialist"
    COORDINATOR = "coordinator"
    INVIGILATOR = "invigilator"
    EVERYBODY = "everybody"


class Phase(StrEnum):
    """Of the specialist's work."""

    BEFORE = "before"
    DAY = "day"
    AFTER = "after"
    ALWAYS = "always"


class Each(StrEnum):
    """How often a step is done: once for all exam days of the inventory, or on every one of them."""

    ONCE = "once"
    DAY = "day"


class Needs(StrEnum):
    """What the day must have for a step to apply."""

    NOTHING = "nothing"
    ORAL = "oral"
    """An exam at the computers of a language lab."""
    PAPER = "paper"
    """An exam that is written on paper."""


class Proof(StrEnum):
    """What proves a step; each is looked for by :mod:`provision.runbook.facts`."""

    PERSON = "person"
    """Nothing that the software could know: a person signs."""
    AUDIT = "audit"
    APPLICATION = "application"
    QUESTIONNAIRE = "questionnaire"
    RESULTS = "results"
    CODES = "codes"
    INSTRUCTIONS = "instructions"
    TASKS = "tasks"
    BEGUN = "begun"
    CIPHERS = "ciphers"
    PRINTED = "printed"
    COLLATED = "collated"
    SOFTWARE = "software"
    EQUIPMENT = "equipment"
    FAULTS = "faults"
    CRITERIA = "criteria"
    REPORTS = "reports"
    WIPED = "wiped"


class Named(StrEnum):
    """Moments of a day that the inventory knows."""

    SPECIALIST_START = "specialist_start"
    """When the specialist starts work: ``specialist_start`` of the profile."""
    READY = "ready"
    """When the rooms of the day's first exam are to be ready: ``ready_before_minutes`` of the profile."""
    FIRST_START = "first_start"
    LAST_START = "last_start"


def _moment(value: object, time: ValidatorFunctionWrapHandler) -> object:
    """A name of :class:`Named`; all else must be a time."""
    return Named(value) if isinstance(value, str) and value in set(Named) else time(value)


if TYPE_CHECKING:
    Moment = Named | dt.time
else:
    Moment = Annotated[Time, WrapValidator(_moment)]


class When(Frozen):
    """A moment, told from the day of the exam, on the school's clock."""

    days: Annotated[int, Field(ge=-120, le=730, examples=["-1"])] = 0
    """Days after the exam's; negative: before."""
    at: Annotated[Moment, Field(examples=["09:00"])]
    """A time, or specialist_start, ready, first_start, last_start."""
    minutes: Annotated[int, Field(ge=-1440, le=1440, examples=["-15"])] = 0
    """So many minutes after it; negative: before."""


class Words(Frozen):
    """A text in the languages of the screen and of paper."""

    ru: Annotated[str, Field(min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=400)]

    @model_validator(mode="before")
    @classmethod
    def _one_for_all(cls, value: object) -> object:
        """A plain text is for every language: a school writes its own steps once."""
        return {"ru": value, "en": value} if isinstance(value, str) else value

    def of(self, language: str) -> str:
        """In one of the languages."""
        return self.ru if language == "ru" else self.en


_PAGE = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?(/[\w./~%#?=&+-]*)?", re.ASCII)


class Step(Frozen):
    """One step of the procedure."""

    phase: Annotated[Phase, Field(examples=["day"])]
    title: Annotated[Words, Field(examples=["Проверить часы"])]
    """What is to be done, in one line."""
    who: Annotated[Who, Field(examples=["specialist"])]
    """Who does it."""
    second: Annotated[Who | None, Field(examples=["coordinator"])] = None
    """Who must sign too: a step of two persons, each with a passphrase."""
    passphrase: Annotated[bool, Field(examples=["true"])] = False
    """Whether a word is not enough: whoever signs types a passphrase."""
    each: Annotated[Each, Field(examples=["day"])] = Each.DAY
    needs: Annotated[Needs, Field(examples=["oral"])] = Needs.NOTHING
    begin: Annotated[When | None, Field(alias="from", examples=["{at: 07:30}"])] = None
    """From when on it is a step for now; left out: from the beginning of the day of its deadline."""
    by: Annotated[When, Field(examples=["{days: -1, at: 18:00}"])]
    """When it must be done at the latest."""
    remind: Annotated[int, Field(ge=0, le=1440, examples=["15"])] = 15
    """So many minutes before the deadline ``provision day --watch`` reminds of it; 0: never."""
    proof: Annotated[Proof, Field(examples=["person"])]
    """What proves it."""
    command: Annotated[str, Field(max_length=200, examples=["provision intake"])] = ""
    """What is typed."""
    page: Annotated[str, Field(pattern=_PAGE.pattern, max_length=300, examples=["https://example.org/"])] = ""
    """The page that ``provision day open`` opens for the person."""
    how: Annotated[Words | None, Field(examples=["По телефону 112"])] = None
    """What there is to know."""
    skip: Annotated[str, Field(max_length=200, examples=["устной части нет"])] = ""
    """Why this school leaves the step out; it is then shown as not applicable."""
    after: Annotated[str, Field(max_length=12, examples=["D2"])] = ""
    """The step that a school's own step follows; left out: the last one."""


class Keep(Frozen):
    """How long things are kept, in days after the exam day; then they may be removed."""

    materials: Annotated[int, Field(ge=0, le=3650, examples=["60"])] = 60
    """Downloads: archives, ciphers, codes, templates, criteria, reports."""
    prints: Annotated[int, Field(ge=0, le=3650, examples=["60"])] = 60
    """What was printed into folders."""
    marks: Annotated[int, Field(ge=0, le=3650, examples=["365"])] = 365
    answers: Annotated[int, Field(ge=0, le=3650, examples=["365"])] = 365
    """Recordings that were collected from the language lab."""


STEP_ID = re.compile(r"[A-Z][A-Z0-9-]{0,11}")
"""How a step is called: short, capital Latin letters, as in the table of docs/day.md."""

Procedure = dict[str, Step]
"""The steps by their names, in order."""

MIDNIGHT = dt.time(0, 0)
