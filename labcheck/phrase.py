"""Words that can be said in any language: an English template and what goes into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from labcheck.errors import N_


@dataclass(frozen=True, slots=True)
class Phrase:
    """A template and its parameters: texts, whole numbers, or phrases again. ``str`` gives English."""

    template: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def said(self, translate: Callable[[str], str]) -> str:
        """In the language of ``translate``."""
        params = {k: v.said(translate) if isinstance(v, Phrase) else v for k, v in self.params.items()}
        return (translate(self.template) if self.template else "").format(**params)

    def __str__(self) -> str:
        """In English, for logs and tests."""
        return self.said(str)


def phrase(template: str, **params: object) -> Phrase:
    """A phrase, written shortly."""
    return Phrase(template, MappingProxyType(params))


NOTHING = phrase("")
"""Where there is nothing to say."""
_GB = 1024


def size(megabytes: float) -> Phrase:
    """ "512 MB", "3.8 GB": rounded down, so that it never looks like more than there is."""
    if megabytes < _GB:
        return phrase(N_("{count} MB"), count=int(megabytes))
    said = tenths(N_("{whole}.{tenth} GB"), megabytes / _GB)
    return said if said.params["tenth"] else phrase(N_("{count} GB"), count=said.params["whole"])


def tenths(template: str, value: float, **params: object) -> Phrase:
    """A template that writes ``value`` as {whole} and {tenth}, rounded down.

    The translation puts the comma.
    """
    whole, tenth = divmod(int(value * 10 + 1e-6), 10)
    return phrase(template, whole=whole, tenth=tenth, **params)


def zone(minutes: int) -> Phrase:
    """ "UTC+03:00"."""
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return phrase(N_("UTC{sign}{hours}:{minutes}"), sign=sign, hours=f"{hours:02}", minutes=f"{rest:02}")


def listed(names: tuple[str, ...], most: int = 5) -> str:
    """Some names in a row; of many only the first."""
    every = sorted(names)
    return ", ".join(every[:most]) + (" …" if len(every) > most else "")
