"""The recovery key as people copy it."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from mnemonic import Mnemonic

from provision.secret import Secret
from provision.vault import age
from provision.vault.errors import RecoveryRefused
from provision.vault.words import key_of, words_of


def test_words_and_text_give_the_key_back_however_they_are_typed() -> None:
    for _number in range(100):
        key = age.new_key()
        words = words_of(key).reveal().split()
        assert len(words) == 24
        forms = (
            " ".join(words),
            "\n".join(f"{number}. {word[:4].upper()}" for number, word in enumerate(words, 1)),
            unicodedata.normalize("NFD", " ".join(words)),
            key.reveal().lower(),
            " ".join(key.reveal()[at : at + 4] for at in range(0, 80, 4)),
        )
        for form in forms:
            assert key_of(Secret(form)) == key


def test_a_wrong_word_or_letter_is_noticed() -> None:
    key = age.new_key()
    words = words_of(key).reveal().split()
    refused = 0
    for place in range(24):
        other = [*words[:place], "абзац" if words[place] != "абзац" else "яйцо", *words[place + 1 :]]
        try:
            assert key_of(Secret(" ".join(other))) != key
        except RecoveryRefused:
            refused += 1
    assert refused >= 22  # a checksum of 8 bits lets one of 256 pass
    for place in range(17, 74):
        letter = "q" if key.reveal()[place] != "Q" else "p"
        with pytest.raises(RecoveryRefused):
            key_of(Secret(key.reveal()[:place] + letter + key.reveal()[place + 1 :]))
    for typed in ("", "абзац", " ".join(["абзац"] * 23), " ".join(["hello"] * 24), "AGE-SECRET-KEY-1"):
        with pytest.raises(RecoveryRefused) as caught:
            key_of(Secret(typed))
        assert not typed or typed not in str(caught.value)


def test_the_list_of_words_is_the_one_that_sheets_were_printed_from() -> None:
    """A sheet lies in a safe for years: another list would make it worthless."""
    text = "\n".join(Mnemonic("russian").wordlist)
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "cdc7d5258285b324cfe4fd769fe29ff0b0c053e4afe6314c1305f2f4877e22f2"
    )
    assert len({word[:4] for word in Mnemonic("russian").wordlist}) == 2048
