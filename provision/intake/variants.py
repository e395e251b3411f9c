"""The files of a task archive as variants: which file is which variant, or a refusal that says why not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from provision.errors import N_
from provision.intake.errors import VariantsRefused
from provision.intake.members import shown
from provision.intake.subjects import topic

_JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$)", re.IGNORECASE)
_SOUND = (".mp3", ".wav", ".ogg", ".m4a", ".wma", ".mp4", ".avi")
"""Played in the room, not printed."""
_NOT_TASKS = re.compile(
    r"ответ|критери|ключ|оценив|инструк|инструктаж|протокол|памятк|описани|answer|(?<![a-z])key|readme",
    re.IGNORECASE,
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_WORD = r"(?:вариант|вар|var(?:iant)?)"
_SPOKEN: tuple[re.Pattern[str], ...] = (
    re.compile(rf"(?<![а-яa-z]){_WORD}[\s._\-–№]*0*(\d{{1,2}})(?!\d)", re.IGNORECASE),
    re.compile(rf"(?<!\d)0*(\d{{1,2}})[\s._\-]*(?:-?[йи]й?)?[\s._\-]*{_WORD}(?![а-яa-z])", re.IGNORECASE),
    re.compile(rf"(?<![а-яa-z]){_WORD}[\s._\-–]+(iv|v?i{{1,3}}|v)(?![а-яa-z])", re.IGNORECASE),
    re.compile(rf"(?<![а-яa-z]){_WORD}[\s._\-–]+([а-дa-d])(?![а-яa-z])", re.IGNORECASE),
)
"""The word itself and a label: any label may be right, but it must tell all files apart."""
_GUESSED: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?<![а-яa-z])[вvb][\s._\-]?0*(\d{1,2})(?!\d)", re.IGNORECASE),
    re.compile(r"^0*(\d{1,2})$"),
)
"""Numbers alone: believed only when they are exactly 1, 2, …"""
_WORDS = re.compile(r"(?<!\d)\d\d(?=\d\d(?!\d))|\d+|[^\W\d_]+")
"""Words and numbers of a name; "0701" is grade and variant."""
Convert = Callable[[bytes, str], bytes]


def variants(members: Mapping[str, bytes], convert: Convert | None = None) -> dict[str, bytes]:
    """Variant label -> PDF, in the order of the labels, from the members of one exam.

    A label is what the names say: "1", "2", or "А", "Б". ``convert`` turns the content of a DOC or DOCX (and
    its ending) into a PDF; by default LibreOffice does. Raises :class:`VariantsRefused` in any doubt, and
    what the conversion raises.
    """
    labels = _labelled(members)
    result = {label: _pdf(members[name], convert) for label, name in labels.items()}
    if len(set(result.values())) < len(result):
        raise VariantsRefused(
            N_("two variants have the same content: {files}"), files=_listed(labels.values())
        )
    return result


def sources(members: Mapping[str, bytes]) -> dict[str, str]:
    """Variant label -> digest of what was downloaded, the same however the archive is packed and whatever
    converts it. Raises :class:`VariantsRefused`."""
    return {
        label: hashlib.sha256(members[name]).hexdigest()[:16] for label, name in _labelled(members).items()
    }


def may_be_variant(name: str) -> bool:
    """Whether a member's name does not say that it is something else: answers, instructions, sound."""
    path = PurePosixPath(name)
    return not (_JUNK.search(name) or path.suffix.lower() in _SOUND or _NOT_TASKS.search(path.name))


def _labelled(members: Mapping[str, bytes]) -> dict[str, str]:
    """Variant label -> member's name, in the order of the labels."""
    names = _printable(members)
    if not names:
        raise VariantsRefused(
            N_("there is no variant among these files: {files}"), files=_listed(members) or "—"
        )
    return dict(sorted(_labels(names).items(), key=_order))


def _printable(members: Mapping[str, bytes]) -> list[str]:
    """Names of the members that may be variants; unknown kinds are a doubt."""
    names = []
    for name in members:
        if not may_be_variant(name):
            continue
        if _ending(members[name]) is None:
            raise VariantsRefused(N_("{file} is neither PDF nor DOCX nor DOC"), file=shown(name))
        names.append(name)
    return _without_copies(names)


def _without_copies(names: list[str]) -> list[str]:
    """Without a DOC or DOCX beside a PDF of the same name: the PDF is what was meant to be printed."""
    pdfs = {name[: name.rfind(".")].lower() for name in names if name.lower().endswith(".pdf")}
    return [
        name for name in names if name.lower().endswith(".pdf") or name[: name.rfind(".")].lower() not in pdfs
    ]


def _labels(names: list[str]) -> dict[str, str]:
    """Label -> name, by the first way of reading that tells all files apart."""
    stems = {name: PurePosixPath(name).stem for name in names}
    paths = {name: name.rsplit(".", 1)[0] for name in names}
    for texts in (stems, paths):
        for pattern in _SPOKEN:
            found = _read(pattern, texts)
            if len(found) == len(names):
                return found
            if found:
                raise _unclear(names)
    if len(names) == 1:
        return {"1": names[0]}
    if len({topic(name).parts for name in names}) == 1:
        numbers = [str(number + 1) for number in range(len(names))]
        for texts in (stems, paths, _differences(stems)):
            for pattern in _GUESSED:
                found = _read(pattern, texts)
                if sorted(found, key=int) == numbers:
                    return found
    raise _unclear(names)


def _read(pattern: re.Pattern[str], texts: Mapping[str, str]) -> dict[str, str]:
    """Label -> name of those that the pattern reads; fewer than the names when two have the same label."""
    found = {name: match[1] for name, text in texts.items() if (match := pattern.search(text))}
    return {_ROMAN.get(label.lower(), label.upper()): name for name, label in found.items()}


def _unclear(names: list[str]) -> VariantsRefused:
    return VariantsRefused(N_("it is not clear which file is which variant: {files}"), files=_listed(names))


def _differences(stems: Mapping[str, str]) -> dict[str, str]:
    """What is left of each name without the words that all share: "MA7_01", "MA7_02" -> "01", "02"."""
    split = {name: _WORDS.findall(stem) for name, stem in stems.items()}
    shared = set.intersection(*(set(words) for words in split.values()))
    return {name: " ".join(word for word in words if word not in shared) for name, words in split.items()}


def _order(item: tuple[str, str]) -> tuple[int, str]:
    label = item[0]
    return (int(label), "") if label.isdigit() else (0, label)


def _ending(content: bytes) -> str | None:
    if b"%PDF-" in content[:1024]:
        return ".pdf"
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ".doc"
    return ".docx" if content.startswith(b"PK\x03\x04") and b"word/" in content else None


def _pdf(content: bytes, convert: Convert | None) -> bytes:
    ending = _ending(content)
    if ending is None or ending == ".pdf":
        return content
    if convert is None:
        from printing.documents.office import to_pdf  # noqa: PLC0415 - only where an office file needs it

        return to_pdf(content, ending)
    return convert(content, ending)


def _listed(names: Iterable[str]) -> str:
    listed = [shown(name) for name in names]
    return ", ".join(listed[:8]) + (" …" if len(listed) > 8 else "")
