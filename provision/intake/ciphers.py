"""Ciphers (passwords of task archives) in the files that they are downloaded in.

The layout of these files is not public, so every reading of a line is a candidate, and which candidate is
the cipher is found by trying it on the archive, never by its looks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.intake import archive
from provision.intake.errors import IntakeError
from provision.intake.texts import content_of, decoded, text_of
from provision.secret import Secret

CIPHER_FILE_BYTES = 64 * 1024
"""A file with ciphers is small; in a bigger one none is looked for."""
_LINES = 100
_WORDS = 300
_LENGTHS = range(3, 129)
_NAMED = re.compile(r"парол|шифр|(?<![а-я])ключ|код\s+(?:архив|доступ)|passw|cipher", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[:=\t;|]\s*|\s+[-–—]+\s+|\s{2,}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be a cipher, and the rest of its line, which may say of which archive; never shown."""

    cipher: Secret
    label: Secret


def candidates(path: Path, kind: str) -> tuple[Candidate, ...]:
    """Every reading of every line, likeliest first within a line; ``kind`` from :func:`texts.kind_of`."""
    if path.stat().st_size > CIPHER_FILE_BYTES:
        return ()
    try:
        text = decoded(content_of(path)) if kind == "text" else text_of(path, kind)
    except IntakeError:
        return ()  # a damaged document; what is wrong with it is told where it is recognised
    found: dict[Secret, Candidate] = {}
    for line in text.lstrip("\ufeff").splitlines()[:_LINES]:
        for reading in _readings(line.strip()):
            found.setdefault(reading.cipher, reading)
    return tuple(found.values())


def says_cipher(text: str) -> bool:
    """Whether a short text speaks of a password: a word for it, or nothing but one bare token."""
    words = len(text.split())
    return words == 1 or (words <= _WORDS and bool(_NAMED.search(text)))


def opened(path: Path, tries: Sequence[Secret]) -> Secret | None:
    """The first of ``tries`` that opens the archive; None when none does, or none could be tried."""
    for cipher in tries:
        try:
            if archive.opens(path, cipher):
                return cipher
        except IntakeError:
            return None
    return None


def _readings(line: str) -> list[Candidate]:
    """After the last separator, after the first, before the first, last word, first word, the whole line."""
    pieces = [piece for piece in _SEPARATOR.split(line) if piece]
    words = line.split()
    if not words:
        return []
    first = _SEPARATOR.search(line)
    texts = [pieces[-1] if pieces else line, line[first.end() :] if first else line]
    texts += [*pieces, words[-1], words[0], line]
    bare = [text.strip("«»\"'“”„`<>()[]") for text in texts]
    unique = dict.fromkeys(text for pair in zip(texts, bare, strict=True) for text in pair)
    return [
        Candidate(Secret(text), Secret(line.replace(text, " ")))
        for text in unique
        if len(text) in _LENGTHS and text.isprintable()
    ]
