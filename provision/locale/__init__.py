"""The words for people, in Russian or English.

The texts in the source are English; ``ru/LC_MESSAGES/messages.po`` holds the Russian, kept whole by
``script/locale``. The person at the screen gets the language of the locale (:func:`activate`), paper for
the rooms gets the language of the site (:func:`translator`).
"""

from __future__ import annotations

import gettext as _stdlib
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("ru", "en")
DOMAIN: Final = "messages"
DIRECTORY: Final = Path(__file__).parent


def language_of(environ: Mapping[str, str]) -> str:
    """Return "ru" or "en" for a POSIX environment.

    The first of LC_ALL, LC_MESSAGES and LANG that is not empty decides, as in setlocale(3); C, POSIX and
    every language but Russian give English.
    """
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable):
            return "ru" if value.partition(".")[0].partition("_")[0].lower() == "ru" else "en"
    return "en"


@cache
def _catalogue(language: str) -> _stdlib.NullTranslations:
    if language not in LANGUAGES:
        msg = f"no catalogue for {language!r}"
        raise ValueError(msg)
    if language == "en":
        return _stdlib.NullTranslations()  # the texts in the source are English
    return _stdlib.translation(DOMAIN, DIRECTORY, [language])


class _Active:
    """The language of the screen, loaded at the first word."""

    language: str | None = None

    @classmethod
    def catalogue(cls) -> _stdlib.NullTranslations:
        if cls.language is None:
            cls.language = language_of(os.environ)
        return _catalogue(cls.language)


def activate(language: str | None = None) -> str:
    """Choose the language of the screen, None by the environment; return it.

    Raises ValueError for a language that is not in :data:`LANGUAGES`.
    """
    chosen = language if language is not None else language_of(os.environ)
    _catalogue(chosen)
    _Active.language = chosen
    return chosen


def language() -> str:
    """The language of the screen."""
    return _Active.language or language_of(os.environ)


def gettext(message: str) -> str:
    """Translate for the screen. Import it as ``_``; never call it while a module is imported."""
    return _translate(_Active.catalogue(), message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate for the screen, in the grammatical number of ``count``."""
    return _Active.catalogue().ngettext(singular, plural, count)


def translator(language: str) -> Callable[[str], str]:
    """Return the translation into a language given by the site: "ru" or "en"."""
    catalogue = _catalogue(language)
    return lambda message: _translate(catalogue, message)


def _translate(catalogue: _stdlib.NullTranslations, message: str) -> str:
    """Translate ``message``; the empty text stays empty (gettext would give the catalogue's header)."""
    return catalogue.gettext(message) if message else ""
