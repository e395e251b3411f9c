"""Pupils' surnames in other people's words: a reason that is typed, the name of a file.

Found rather too often than not: in every case of Russian, each part of a double one, glued to figures and
underscores too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from provision.secret import Secret

_WORD = re.compile(r"[^\W\d_]+")
_ENDING = re.compile(r"(?:[ыио]й|[ая]я|[аяь])$")
_INFLECTION = (
    r"(?:[аяуюыиеь]|[оеыи]й|[ая]я|[оеыи]м|[ую]ю|[оеыи]ю|[оеыи]х|[ое]го|[ое]му|[ыи]ми|[ая]м|[ая]ми|[ая]х)?"
)
"""Endings of Russian surnames in all cases."""
_LEAST_STEM = 3
MASK = "…"


class Surnames:
    """Those of the school's pupils; ``names`` begin with them."""

    def __init__(self, names: Iterable[Secret]) -> None:
        """Names of one word, or none, do no harm."""
        stems = {stem for name in names for stem in _stems(name.reveal())}
        self._forms = re.compile("|".join(re.escape(stem) + _INFLECTION for stem in sorted(stems)) or r"(?!)")

    def among(self, text: str) -> bool:
        """Whether a word may be a form of one."""
        return any(self._is(word) for word in _WORD.findall(text))

    def mask(self, text: str) -> str:
        """The text with an ellipsis in place of each: it may be shown and kept."""
        return _WORD.sub(lambda word: MASK if self._is(word[0]) else word[0], text)

    def _is(self, word: str) -> bool:
        return self._forms.fullmatch(_even(word)) is not None


def _stems(name: str) -> Iterator[str]:
    for part in _WORD.findall(" ".join(name.split()[:1])):
        even = _even(part)
        yield _ENDING.sub("", even) if len(even) > _LEAST_STEM else even


def _even(word: str) -> str:
    return word.casefold().replace("ё", "е")
