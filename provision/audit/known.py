"""What this site's confidential materials look like, so that a copy is known wherever it lies.

    digest    the exact bytes of what was downloaded, and of everything inside the archives
    text      rows of six words that one document has and no other: a copy that was saved anew, printed to a
              file, or cut to a page
    codes     participant codes of this site, more of them than chance would put there
    secrets   ciphers and passwords, at any place of any file (:mod:`provision.audit.needles`)

Everything stays in memory, as hashes keyed by this process where that is possible.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from provision.audit.needles import Needles
from provision.audit.texts import text_of
from provision.secret import Secret
from provision.site.surnames import Surnames

_ROW = 6
"""Words in a row."""
_ENOUGH, _SHARE, _LEAST = 20, 0.4, 8
"""A copy has this many rows of words of one document, or this share of them, and no fewer than the least."""
_CHANCE = 1e-6
"""How improbable a number of codes must be, did they stand there by chance."""
_CODES = 3
_NEAR = re.compile(r"\bкод\w*|\bcode\b|участник", re.IGNORECASE)
_HEAD = 48
"""Bytes by which a known file is looked for inside another one."""
_BEGINNINGS = re.compile(rb"%PDF-|PK\x03\x04|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\xd0\xcf\x11\xe0")
_EMBEDDED = 20_000
_WORD = re.compile(r"\w+")


class Sort(StrEnum):
    """What was recognised."""

    ARCHIVE = "archive"
    TASKS = "tasks"
    CIPHER = "cipher"
    CODES = "codes"
    CRITERIA = "criteria"
    PEOPLE = "people"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something recognised. ``detail`` may be shown: the exams, how many codes, the last digits of one."""

    sort: Sort
    exams: tuple[str, ...] = ()
    count: int = 0
    tail: str = ""


@dataclass(slots=True)
class Known:
    """All that is looked for. ``member_names`` stand inside encrypted archives only; ``sizes`` are the
    downloads' (name, size)."""

    digests: dict[str, Hit] = field(default_factory=dict, repr=False)
    sizes: set[int] = field(default_factory=set)
    member_names: set[str] = field(default_factory=set)
    downloads: set[tuple[str, int]] = field(default_factory=set)
    since: float = 0.0
    codes: frozenset[str] = field(default=frozenset(), repr=False)
    surnames: frozenset[str] = field(default=frozenset(), repr=False)
    pupils: Surnames = field(default_factory=lambda: Surnames(()), repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)
    pattern: str = r"\d{5}"
    _heads: dict[bytes, set[int]] = field(default_factory=dict, repr=False)
    _needles: Needles = field(default_factory=Needles, repr=False)
    _secrets: list[Hit] = field(default_factory=list, repr=False)
    _documents: dict[frozenset[int], Hit | None] = field(default_factory=dict, repr=False)
    _own: list[tuple[Hit, frozenset[int]]] = field(default_factory=list, repr=False)

    def add_content(self, content: bytes, hit: Hit) -> None:
        """A file, known byte by byte; an empty one says nothing."""
        if not content:
            return
        self.digests.setdefault(hashlib.sha256(content).hexdigest(), hit)
        self.sizes.add(len(content))
        if _BEGINNINGS.match(content):
            self._heads.setdefault(content[:_HEAD], set()).add(len(content))

    def add_secret(self, secret: Secret, hit: Hit) -> None:
        """A cipher or password."""
        self._needles.add(secret, len(self._secrets))
        self._secrets.append(hit)

    def add_texts(self, contents: Sequence[bytes], hit: Hit | None) -> None:
        """Documents whose texts are looked for; without a ``hit`` they are no secret. What two of them share
        is the same every year (how to fill in the sheet), and tells nothing of a copy."""
        for content in contents:
            rows = _rows(text_of(content))
            if rows:
                self._documents.setdefault(rows, hit)
        self._own.clear()

    def _specific(self) -> list[tuple[Hit, frozenset[int]]]:
        """The rows of words that only one document has."""
        if not self._own:
            seen = Counter(row for rows in self._documents for row in rows)
            for rows, hit in self._documents.items():
                own = frozenset(row for row in rows if seen[row] == 1)
                if hit is not None and len(own) >= _LEAST:
                    self._own.append((hit, own))
        return self._own

    @property
    def any(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.digests or self.codes or self._secrets)

    def exact(self, content: bytes) -> Hit | None:
        """The whole file is known."""
        if len(content) not in self.sizes:
            return None
        return self.digests.get(hashlib.sha256(content).hexdigest())

    def by_digest(self, digest: str) -> Hit | None:
        """The same, of a file too big to be held."""
        return self.digests.get(digest)

    def inside(self, content: bytes) -> Iterator[Hit]:
        """Known files that stand whole somewhere inside: in caches, mails, databases."""
        for match in islice(_BEGINNINGS.finditer(content, 1), _EMBEDDED):
            head = content[match.start() : match.start() + _HEAD]
            for size in self._heads.get(head, ()):
                piece = content[match.start() : match.start() + size]
                if hit := self.exact(piece):
                    yield hit

    def secrets_in(self, content: bytes) -> Iterator[Hit]:
        """Ciphers and passwords that stand in it."""
        for number in sorted(self._needles.find(content)):
            yield self._secrets[number]

    def in_text(self, text: str) -> Iterator[Hit]:
        """Codes and tasks that a text holds."""
        yield from self._codes_in(text)
        yield from self._tasks_in(text)

    def _codes_in(self, text: str) -> Iterator[Hit]:
        if not self.codes:
            return
        tokens = list(re.finditer(rf"(?<![\w.,-])(?:{self.pattern})(?![\w-]|[.,]\d)", text))
        found = [match for match in tokens if match[0] in self.codes]
        distinct = {match[0] for match in found}
        if not distinct:
            return
        others = len({match[0] for match in tokens})
        expected = others * len(self.codes) / self._possible()
        if len(distinct) >= _CODES and _tail(expected, len(distinct)) < _CHANCE:
            yield Hit(Sort.CODES, count=len(distinct), tail=min(distinct)[-2:])
        elif near := [match for match in found if self._told(text, match)]:
            yield Hit(Sort.CODES, count=len({m[0] for m in near}), tail=min(m[0] for m in near)[-2:])

    def _told(self, text: str, match: re.Match[str]) -> bool:
        """Whether the line says that it is a pupil's: a word for code and participant, or a pupil's name."""
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        line = text[start : end if end >= 0 else len(text)][:400]
        words = {word.casefold().replace("ё", "е") for word in _WORD.findall(line)}
        said = {word.lower() for word in _NEAR.findall(line)}
        of_code = any(word.startswith(("код", "code")) for word in said)
        of_participant = any("участник" in word for word in words)
        return bool(words & self.surnames) or (of_code and of_participant)

    def _possible(self) -> float:
        digits = len(next(iter(self.codes)))
        return float(10**digits) if all(code.isdigit() for code in self.codes) else float(36**digits)

    def _tasks_in(self, text: str) -> Iterator[Hit]:
        if not self._documents or len(text) < 80:
            return
        rows = _rows(text)
        told: set[Hit] = set()
        for hit, own in self._specific():
            common = len(rows & own)
            if hit not in told and (common >= _ENOUGH or (common >= _LEAST and common >= _SHARE * len(own))):
                told.add(hit)
                yield hit

    def mask(self, text: str) -> str:
        """A path or name without codes, ciphers and pupils' names: it may be shown and kept."""
        data = text.encode("utf-8", "replace")
        for _number, start, end in sorted(self._needles.spans(data), key=lambda span: -span[1]):
            data = data[:start] + "…".encode() + data[end:]
        text = data.decode("utf-8", "replace")
        if self.codes:
            text = re.sub(
                rf"(?<!\d)(?:{self.pattern})(?!\d)",
                lambda m: "…" + m[0][-2:] if m[0] in self.codes else m[0],
                text,
            )
        return self.pupils.mask(text)


def _rows(text: str) -> frozenset[int]:
    """Every row of words, hashed; Python's hash of texts is keyed by the process."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return frozenset(hash(tuple(words[at : at + _ROW])) for at in range(len(words) - _ROW + 1))


def _tail(expected: float, count: int) -> float:
    """Probability of ``count`` or more when ``expected`` are expected (Poisson), summed where it is small."""
    term = math.exp(-expected + count * math.log(expected) - math.lgamma(count + 1))
    total, step = 0.0, count
    while term > total * 1e-9 and step < count + 1000:
        total += term
        step += 1
        term *= expected / step
    return min(1.0, total)


def most(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Each sort once, with the greatest count and all exams."""
    counted: Counter[Sort] = Counter()
    exams: dict[Sort, dict[str, None]] = {}
    tails: dict[Sort, str] = {}
    for hit in hits:
        counted[hit.sort] = max(counted[hit.sort], hit.count)
        exams.setdefault(hit.sort, {}).update(dict.fromkeys(hit.exams))
        tails.setdefault(hit.sort, hit.tail)
    return tuple(Hit(sort, tuple(exams[sort]), counted[sort], tails[sort]) for sort in Sort if sort in exams)
