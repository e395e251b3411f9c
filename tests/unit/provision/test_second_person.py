"""The second person's passphrase: never kept, few tries, one way only."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.ledger import Ledger
from provision.second_person import (
    DELAY,
    KIND,
    TRIES,
    PassphraseRefused,
    SecondPersonMissing,
    appoint,
    authorise,
    second_person,
)
from provision.secret import Secret

PHRASE = "ёлка зелёная 7"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path)
    yield made
    made.close()


def test_only_a_salted_hash_is_kept_and_for_the_owner_alone(tmp_path: Path, ledger: Ledger) -> None:
    appoint(tmp_path, ledger, "Иванова А. С.", Secret(PHRASE))
    first = (tmp_path / KIND).read_bytes()
    assert stat.S_IMODE((tmp_path / KIND).stat().st_mode) == 0o600
    assert set(json.loads(first)) == {"who", "salt", "digest"}
    appoint(tmp_path, ledger, "Иванова А. С.", Secret(PHRASE))
    assert (tmp_path / KIND).read_bytes() != first, "the same passphrase must not show as the same"
    for path in tmp_path.iterdir():
        assert PHRASE.encode() not in path.read_bytes(), path.name
    assert [event.body for event in ledger.events([KIND])] == [{"who": "Иванова А. С."}] * 2


def test_the_right_passphrase_names_the_person(tmp_path: Path, ledger: Ledger) -> None:
    appoint(tmp_path, ledger, "Иванова А. С.", Secret(PHRASE))
    person = second_person(tmp_path)
    assert person is not None
    typed = iter([Secret("wrong"), Secret("е\u0308лка зеле\u0308ная 7")])
    waits: list[float] = []
    assert authorise(person, lambda: next(typed), waits.append) == "Иванова А. С."
    assert waits == [DELAY], "the same letters, composed otherwise, are the same passphrase"


def test_tries_are_few_and_slower_each_time(tmp_path: Path, ledger: Ledger) -> None:
    appoint(tmp_path, ledger, "Иванова А. С.", Secret(PHRASE))
    person = second_person(tmp_path)
    assert person is not None
    asked: list[float] = []
    waits: list[float] = []

    def ask() -> Secret:
        asked.append(1)
        return Secret("guess")

    with pytest.raises(PassphraseRefused):
        authorise(person, ask, waits.append)
    assert len(asked) == TRIES
    assert waits == [DELAY, 2 * DELAY, 4 * DELAY]


def test_a_short_passphrase_is_not_set(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(PassphraseRefused):
        appoint(tmp_path, ledger, "Иванова А. С.", Secret("1234567"))
    assert second_person(tmp_path) is None


@pytest.mark.parametrize("damage", ["", "[]", '{"who": "Я"}', '{"who": 1, "salt": 2, "digest": 3}'])
def test_a_damaged_file_lets_nobody_through(tmp_path: Path, damage: str) -> None:
    (tmp_path / KIND).write_text(damage)
    with pytest.raises(SecondPersonMissing):
        second_person(tmp_path)
