"""The recovery key as people copy it from paper: 24 Russian words, or the text that its QR symbol holds.

The words are those of BIP 39's Russian list (package ``mnemonic``): 2048 words that differ in their first
four letters. 24 of them are the 256 bits of the key and a checksum of 8 bits; the text has a checksum of 30
bits (Bech32, BIP 173).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from mnemonic import Mnemonic

from provision.errors import N_
from provision.secret import Secret
from provision.vault.errors import RecoveryRefused

COUNT = 24
LETTERS = 4
"""So many letters of a word tell it from all others."""
_PREFIX = "age-secret-key-"
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_KEY_BYTES = 32
_BITS, _MASK = 11, 2047
_CHECKSUM = 6


def words_of(key: Secret) -> Secret:
    """The words, separated by spaces. The key is AGE-SECRET-KEY-1…"""
    data = _decode(key.reveal())
    number = int.from_bytes(data + _checked(data))
    return Secret(" ".join(_words()[number >> _BITS * place & _MASK] for place in reversed(range(COUNT))))


def key_of(typed: Secret) -> Secret:
    """The key that was typed, as words (four letters of each are enough) or as text.

    Raises RecoveryRefused, which names the place of a word that is not on the list."""
    text = unicodedata.normalize("NFC", typed.reveal()).strip().casefold().replace("ё", "е")
    if (joined := "".join(text.split())).startswith(_PREFIX):
        return Secret(_encode(_decode(joined)))
    places = [_place(number, word) for number, word in enumerate(_split(text), 1)]
    if len(places) != COUNT:
        raise RecoveryRefused(
            N_("these are {found} words; the sheet has {count}"), found=len(places), count=COUNT
        )
    both = sum(place << _BITS * (COUNT - number) for number, place in enumerate(places, 1))
    data = both.to_bytes(_KEY_BYTES + 1)
    if data[_KEY_BYTES:] != _checked(data[:_KEY_BYTES]):
        raise RecoveryRefused(N_("a word is wrong, or two are exchanged"))
    return Secret(_encode(data[:_KEY_BYTES]))


def _split(text: str) -> list[str]:
    """Without the numbers that stand before the words on the sheet."""
    return [word for part in text.split() if (word := part.strip("0123456789.,;:)-—"))]


def _place(number: int, typed: str) -> int:
    """Where in the list the word stands that was typed, or begun."""
    found = _places().get(typed[:LETTERS])
    if found is None or (len(typed) < LETTERS and typed != _words()[found]):
        raise RecoveryRefused(N_("word {number} is not on the list"), number=number)
    return found


def _checked(data: bytes) -> bytes:
    """The checksum of BIP 39. (The package's own reading fails at "й": it looks for another form of it.)"""
    return hashlib.sha256(data).digest()[:1]


@cache
def _words() -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic("russian").wordlist)


@cache
def _places() -> dict[str, int]:
    return {word[:LETTERS]: place for place, word in enumerate(_words())}


def _decode(text: str) -> bytes:
    """The bytes of a key. Raises RecoveryRefused."""
    prefix, _one, data = text.casefold().rpartition("1")
    values = [_CHARSET.find(letter) for letter in data]
    if prefix != _PREFIX or -1 in values or _polymod([*_expanded(prefix), *values]) != 1:
        raise RecoveryRefused(N_("this is no recovery key, or a letter of it is wrong"))
    found = bytes(_regrouped(values[:-_CHECKSUM], 5, 8))
    if len(found) != _KEY_BYTES:
        raise RecoveryRefused(N_("this is no recovery key"))
    return found


def _encode(data: bytes) -> str:
    """The text of a key."""
    values = [*_regrouped(data, 8, 5, pad=True)]
    rest = _polymod([*_expanded(_PREFIX), *values, *[0] * _CHECKSUM]) ^ 1
    values += [rest >> 5 * (_CHECKSUM - 1 - place) & 31 for place in range(_CHECKSUM)]
    return (_PREFIX + "1" + "".join(_CHARSET[value] for value in values)).upper()


def _expanded(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(values: Sequence[int]) -> int:
    found = 1
    for value in values:
        top = found >> 25
        found = (found & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            found ^= generator if top >> place & 1 else 0
    return found


def _regrouped(values: Iterable[int], width: int, wanted: int, *, pad: bool = False) -> list[int]:
    """The same bits in groups of another width."""
    waiting = bits = 0
    found = []
    for value in values:
        waiting = (waiting << width | value) & 0xFFFF
        bits += width
        while bits >= wanted:
            bits -= wanted
            found.append(waiting >> bits & ((1 << wanted) - 1))
    if pad and bits:
        found.append(waiting << (wanted - bits) & ((1 << wanted) - 1))
    return found
