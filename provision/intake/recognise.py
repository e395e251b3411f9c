"""What kind of material a file is, by what stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from provision.errors import N_
from provision.intake import ciphers
from provision.intake.binding import COLUMN, FORM, GRID, WORD
from provision.intake.codes import read_codes
from provision.intake.errors import CodesRefused, IntakeError
from provision.intake.model import CodeList, Kind
from provision.intake.texts import text_of

_TEXT_CHARS = 5000
_FORM_CHARS = 1500
_WORDS: dict[Kind, re.Pattern[str]] = {
    Kind.CRITERIA: re.compile(
        r"критери\w+ оцен|систем\w+ оценивания|ответы и критерии|указания к оцениванию|оценивани\w+ вып"
    ),
    Kind.REPORT: re.compile(
        r"статистик\w+ по отметкам|статистическ\w+ (?:отч[её]т|показател)|распределени\w+ первичных балл|"
        r"распределени\w+ отметок|сравнени\w+ отметок|достижени\w+ планируемых результатов"
    ),
    Kind.BRIEFING: re.compile(
        r"инструктаж|дорогие ребята|уважаемые (?:участники|ребята|обучающиеся)|зачитыва"
    ),
    Kind.PROTOCOL: re.compile(r"протокол"),
    Kind.INSTRUCTIONS: re.compile(
        r"инструкци|порядок проведения|памятка|регламент|методические рекомендации|описание (?:\w+ )?работы"
    ),
}
_FORM = re.compile(
    r"форм\w+[ -]заявк|заявк\w+ на участие|форм\w+[ -]анкет|анкет\w+ (?:оо|образовательн|участник)"
    r"|опросн\w+ лист|форм\w+ (?:для )?сбора результат|сведени\w+ об оо"
)
"""A workbook that is filled and sent back; its first sheet is an instruction, one of them has codes."""
_COLUMNS = re.compile(r"№.*\bкод\b|\bкод\b.*№", re.IGNORECASE)
_FILLABLE = ("docx", "xlsx")
_TABLES = ("xlsx", "xls", "pdf", "text")
_UNREADABLE = {
    "empty": N_("the file is empty; download it again"),
    "html": N_("a web page was saved in place of the file; sign in and download it again"),
    "program": N_("this is a program; it is not opened"),
    "odt": N_("this format is not read; save it as DOCX or XLSX"),
    "rtf": N_("this format is not read; save it as DOCX or XLSX"),
    "office": N_("this format is not read; save it as DOCX or XLSX"),
    "binary": N_("nobody knows this format here"),
}
_UNKNOWN = N_("nothing in it says what it is for; bind it: provision intake --bind {file}=EXAM:KIND")


@dataclass(frozen=True, slots=True)
class Finding:
    """A document's kind and why; ``text`` is what it says, for binding it to exams, and is never shown."""

    kind: Kind
    evidence: str
    params: dict[str, object] = field(default_factory=dict)
    problem: str = ""
    problem_params: dict[str, object] = field(default_factory=dict)
    text: str = field(default="", repr=False)


def recognise(path: Path, container: str, pattern: str) -> Finding:
    """Kind of a file that is no archive; ``pattern`` is the profile's for codes. Raises no IntakeError."""
    if container in _UNREADABLE:
        return Finding(Kind.UNKNOWN, "", problem=_UNREADABLE[container])
    try:
        text = text_of(path, container)
        return _form(container, text) or _read(path, container, pattern, text)
    except IntakeError as error:
        return Finding(Kind.UNKNOWN, "", problem=error.template, problem_params=error.params)


def _form(container: str, text: str) -> Finding | None:
    found = _FORM.search(text[:_FORM_CHARS].lower()) if container in ("xlsx", "xls") else None
    if found is None:
        return None
    return Finding(Kind.FORM, WORD, {"word": " ".join(found[0].split())}, text=text)


def _read(path: Path, container: str, pattern: str, text: str) -> Finding:
    kind, word = _document(text)
    if kind is Kind.PROTOCOL:
        return _protocol(container, word, text)
    if kind is Kind.REPORT:  # may list codes beside marks; it is no list of codes to be handed out
        return Finding(kind, WORD, {"word": word}, text=text)
    codes = _codes(path, container, pattern, text)
    if codes is not None and (not codes.problem or kind is Kind.UNKNOWN):
        return codes
    if kind is not Kind.UNKNOWN:
        return Finding(kind, WORD, {"word": word}, text=text)
    if path.stat().st_size <= ciphers.CIPHER_FILE_BYTES and ciphers.says_cipher(text):
        return Finding(Kind.CIPHER, N_("it speaks of a password, or holds one word"), text=text)
    return Finding(Kind.UNKNOWN, "", problem=_UNKNOWN, problem_params={"file": path.name}, text=text)


def _document(text: str) -> tuple[Kind, str]:
    """The kind that a text names first, which is what its heading says; and the word for it.

    A text about protocols is no protocol: that has columns.
    """
    body = re.sub(r"\s+", " ", text[:_TEXT_CHARS].lower())
    found: list[tuple[int, Kind, str]] = []
    for kind, words in _WORDS.items():
        match = words.search(body)
        if match and (kind is not Kind.PROTOCOL or _COLUMNS.search(body)):
            rest = re.match(r"\w*", body[match.end() :])
            found.append((match.start(), kind, match[0] + (rest[0] if rest else "")))
    _, kind, word = min(found, default=(0, Kind.UNKNOWN, ""))
    return kind, word


def _protocol(container: str, word: str, text: str) -> Finding:
    evidence, params = FORM, {"word": word}
    if container in _FILLABLE:
        return Finding(Kind.PROTOCOL, evidence, dict(params), text=text)
    return Finding(
        Kind.PROTOCOL,
        evidence,
        dict(params),
        problem=N_("only DOCX and XLSX can be filled; the protocol is printed in our own form"),
        text=text,
    )


def _codes(path: Path, container: str, pattern: str, text: str) -> Finding | None:
    """A list of codes; with a problem when it is one, but a cell is in doubt; None when it is none."""
    if container not in _TABLES:
        return None
    likely = len(re.findall(rf"(?<!\w){pattern}(?!\w)", text)) >= 2
    if container in ("pdf", "text") and not likely:
        return None
    try:
        found = read_codes(path, pattern)
    except CodesRefused as error:
        if "place" not in error.params or not likely:
            return None
        return Finding(Kind.CODES, "", problem=error.template, problem_params=error.params, text=text)
    evidence = GRID if "grid" in found.recognised else COLUMN
    params = {"count": len(found.entries), **found.recognised}
    return Finding(Kind.CODES, evidence, params, text=_stated(found) + text)


def _stated(found: CodeList) -> str:
    """The classes and subjects of all rows, which a long list does not have in its first lines."""
    classes = dict.fromkeys(f"класс {e.class_name};" for e in found.entries if e.class_name)
    subjects = dict.fromkeys(f"{e.subject};" for e in found.entries if e.subject)
    return " ".join([*classes, *subjects, ""])
