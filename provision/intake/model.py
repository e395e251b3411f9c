"""What arrived in the inbox: kinds of material, and what each was bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from provision.errors import Phrase


class Kind(StrEnum):
    """What a downloaded file is."""

    TASKS = "tasks"
    CIPHER = "cipher"
    CODES = "codes"
    PROTOCOL = "protocol"
    BRIEFING = "briefing"
    INSTRUCTIONS = "instructions"
    CRITERIA = "criteria"
    REPORT = "report"
    """A statistical report, some weeks after."""
    FORM = "form"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file of the inbox, recognised by content.

    ``container`` says what it is technically ("zip, AES-256", "xlsx", "pdf"); ``evidence`` is an English
    gettext template (with ``params``) that says why it was taken for its kind; ``exams`` are the ids it
    is bound to (empty: not bound); ``opens`` is, for a cipher, the archives that it really opens, and for
    an archive ``opened_by`` the cipher file that opens it (None: not encrypted, or no cipher yet).
    """

    path: Path
    kind: Kind
    sha256: str
    container: str
    evidence: str
    params: dict[str, object]
    exams: tuple[str, ...] = ()
    encrypted: bool = False
    opened_by: Path | None = None
    opens: tuple[Path, ...] = ()
    problem: str = ""
    problem_params: dict[str, object] | None = None
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of an archive for several exams: exam id -> names of its members. An exam not in it takes all."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A material that an exam needs and that is not here (or cannot be opened)."""

    exam: str
    kind: Kind
    needed: bool
    """False for what is only recommended (instructions, criteria, protocol template)."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole inbox, and what is still missing per exam."""

    arrivals: tuple[Arrival, ...]
    missing: tuple[Missing, ...]

    def of(self, exam: str, kind: Kind) -> tuple[Arrival, ...]:
        """Arrivals of ``kind`` bound to ``exam``."""
        return tuple(a for a in self.arrivals if a.kind is kind and exam in a.exams)


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One participant code as the list states it; class or subject None when the list has none."""

    code: str
    class_name: str | None = None
    subject: str | None = None
    place: str | Phrase = ""
    """Where it stands, for messages: "Лист1!B7", or the phrase "page 1, row 3, column 2"."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """The codes of one downloaded list, in the list's order."""

    source: Path
    entries: tuple[CodeEntry, ...]
    recognised: dict[str, str]
