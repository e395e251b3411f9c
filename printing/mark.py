"""The text in a page's barcode: participant code, kit, page, copy and batch as 36 decimal digits.

    batch 10 | participant code 16 | kit 4 | copy 2 | page 2 | check 2

Digits only, because a keyboard-wedge scanner types what it reads: digits come out right whatever
keyboard layout (ЙЦУКЕН included) and Caps Lock the computer is in, letters do not. An even, fixed
number of them, each field on a pair boundary, because DataMatrix and Code 128 pack digits in pairs:
36 digits are exactly the 18 data codewords of an 18×18 DataMatrix.

The batch's base 32 characters (Crockford) and the code's characters are written as one number each;
the code in bijective base 37, where no two texts share a number, leading zeros and length included
(https://en.wikipedia.org/wiki/Bijective_numeration). The check pair is ISO/IEC 7064 MOD 97-10 (the
one of IBAN): the 36 digits as a number leave 1 when divided by 97. It finds every single wrong digit,
every swap of two digits (10 has order 96 modulo 97, more than there are places), and 96 of 97 other errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from printing.errors import N_, PrintingError
from printing.kit import Mark

LENGTH: Final = 36
"""Digits in every mark."""

MAX_KIT: Final = 9999
MAX_PAGE: Final = 99
MAX_COPY: Final = 99
MAX_CODE_LENGTH: Final = 10

_BATCH_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_BATCH_VALUES: Final = {character: value for value, character in enumerate(_BATCH_ALPHABET)}
_CODE_VALUES: Final = {character: value for value, character in enumerate(_CODE_ALPHABET, start=1)}
_BATCH_LENGTH: Final = 6
_BATCHES: Final = len(_BATCH_ALPHABET) ** _BATCH_LENGTH
_CODES: Final = sum(len(_CODE_ALPHABET) ** length for length in range(MAX_CODE_LENGTH + 1))
_FIELDS: Final = re.compile(r"([0-9]{10})([0-9]{16})([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{2}")


class MarkRefused(PrintingError):
    """A scanned text is not the mark of one of our pages, or was not read whole."""

    code = "mark-refused"
    remedy = N_("Scan the sheet's barcode again; if it stays so, type the kit's number from the stamp.")


class MarkImpossible(PrintingError):
    """A kit or page that no mark can name."""

    code = "mark-impossible"
    remedy = N_(
        "Correct the value where it comes from, or print without a barcode (profile: stamp, symbol none)."
    )


def encode(mark: Mark) -> str:
    """Return the 36 digits of ``mark``; raise `MarkImpossible` for a value that has no place in them."""
    kit = kit_digits(mark.batch, mark.code, mark.kit, mark.copy)
    return kit + page_digits(kit, [mark.page])[0]


def kit_digits(batch: str, code: str, kit: int, copy: int) -> str:
    """Return the first 32 digits, the same on every page of a kit."""
    if len(batch) != _BATCH_LENGTH or not _BATCH_VALUES.keys() >= set(batch):
        raise MarkImpossible(N_("The batch {batch!r} is not 6 characters of base 32"), batch=batch)
    if len(code) > MAX_CODE_LENGTH or not _CODE_VALUES.keys() >= set(code):
        raise MarkImpossible(
            N_("The code of kit {kit} is not at most {most} characters of 0-9, A-Z and hyphen"),
            kit=kit,
            most=MAX_CODE_LENGTH,
        )
    if not 1 <= kit <= MAX_KIT:
        raise MarkImpossible(N_("Kit {kit} is not between 1 and {most}"), kit=kit, most=MAX_KIT)
    if not 1 <= copy <= MAX_COPY:
        raise MarkImpossible(
            N_("Copy {copy} of kit {kit} is not between 1 and {most}"), copy=copy, kit=kit, most=MAX_COPY
        )
    batch_number = code_number = 0
    for character in batch:
        batch_number = batch_number * len(_BATCH_ALPHABET) + _BATCH_VALUES[character]
    for character in code:
        code_number = code_number * len(_CODE_ALPHABET) + _CODE_VALUES[character]
    return f"{batch_number:010}{code_number:016}{kit:04}{copy:02}"


def page_digits(kit: str, pages: Iterable[int]) -> list[str]:
    """Return what completes a kit's 32 digits on each of ``pages``: the page and the check pair."""
    rest = int(kit) * 100 % 97
    tails = []
    for page in pages:
        if not 1 <= page <= MAX_PAGE:
            raise MarkImpossible(N_("Page {page} is not between 1 and {most}"), page=page, most=MAX_PAGE)
        tails.append(f"{page:02}{98 - (rest + page) * 100 % 97:02}")
    return tails


def decode(text: str) -> Mark:
    """Return what a scanned ``text`` says, surrounding white space (a scanner's Enter) aside.

    Raises `MarkRefused` when the length, a character, the check pair or a field is wrong.
    """
    text = text.strip()
    if len(text) != LENGTH:
        raise MarkRefused(
            N_("The scanned text has {length} characters, a page's mark has {expected}"),
            length=len(text),
            expected=LENGTH,
        )
    fields = _FIELDS.fullmatch(text)
    if fields is None:
        raise MarkRefused(N_("The scanned text holds other characters than digits"))
    if int(text) % 97 != 1 or not 2 <= int(text[-2:]) <= 98:
        raise MarkRefused(N_("The scanned text was misread: its check digits do not agree"))
    batch, code, kit, copy, page = (int(field) for field in fields.groups())
    if batch >= _BATCHES or code >= _CODES or not (kit and copy and page):
        raise MarkRefused(N_("The scanned text is not the mark of a page"))
    return Mark(batch=_batch_text(batch), kit=kit, page=page, copy=copy, code=_code_text(code))


def _batch_text(number: int) -> str:
    text = ""
    for _ in range(_BATCH_LENGTH):
        number, value = divmod(number, len(_BATCH_ALPHABET))
        text = _BATCH_ALPHABET[value] + text
    return text


def _code_text(number: int) -> str:
    text = ""
    while number:
        number, value = divmod(number - 1, len(_CODE_ALPHABET))
        text = _CODE_ALPHABET[value] + text
    return text
