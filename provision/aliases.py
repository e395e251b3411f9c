"""People by number in place of their names: who did what stays told apart, and nobody is named."""

from __future__ import annotations

from collections.abc import Callable

from provision.errors import N_

PERSON = N_("person {number}")


class Aliases:
    """Numbers by the order in which people appear; one name has one number, however it is written."""

    def __init__(self, translate: Callable[[str], str]) -> None:
        """Numbers in the words of ``translate``."""
        self._translate = translate
        self._known: dict[str, int] = {}

    def of(self, name: str) -> str:
        """The person's number in words; nobody stays nobody."""
        if not name:
            return ""
        number = self._known.setdefault(" ".join(name.casefold().split()), len(self._known) + 1)
        return self._translate(PERSON).format(number=number)
