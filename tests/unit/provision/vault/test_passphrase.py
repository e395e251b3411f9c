"""Texts under a passphrase: two other implementations of age read and write the same."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pyrage
import pytest

from provision.secret import Secret
from provision.vault import passphrase
from provision.vault.age import NotOpened
from provision.vault.passphrase import lock, unlock

TEXT, PHRASE = Secret("AGE-SECRET-KEY-1 и текст\n" * 20), Secret("длинная фраза")


def test_rage_reads_what_is_written_here() -> None:
    assert pyrage.passphrase.decrypt(lock(TEXT, PHRASE), PHRASE.reveal()).decode() == TEXT.reveal()


def test_age_reads_what_is_written_here_and_the_other_way_round(tmp_path: Path) -> None:
    def age(*words: str) -> None:
        child = pexpect.spawn("age", [*words], cwd=tmp_path, timeout=60)
        while child.expect(["passphrase.*: ", pexpect.EOF]) == 0:
            child.sendline(PHRASE.reveal())
        child.close()
        assert child.exitstatus == 0

    (tmp_path / "text.age").write_bytes(lock(TEXT, PHRASE))
    age("-d", "-o", "text", "text.age")
    assert (tmp_path / "text").read_text() == TEXT.reveal()
    age("-p", "-o", "theirs.age", "text")
    assert unlock((tmp_path / "theirs.age").read_bytes(), PHRASE) == TEXT


def test_every_flipped_byte_and_every_cut_is_noticed() -> None:
    whole = lock(Secret("x"), PHRASE)
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    changed += [whole[:length] for length in range(len(whole))] + [whole + b"x"]
    for data in changed:
        with pytest.raises(NotOpened):
            unlock(data, PHRASE)
    with pytest.raises(NotOpened):
        unlock(whole, Secret("длинная фраз"))


def test_a_file_that_asks_for_too_much_memory_is_refused_at_once() -> None:
    whole = lock(Secret("x"), PHRASE)
    for cost in (b"21", b"63", b"99"):
        with pytest.raises(NotOpened):
            unlock(whole.replace(b" 10\n", b" " + cost + b"\n"), PHRASE)


def test_the_cost_is_that_of_age_itself() -> None:
    source = Path(str(passphrase.__file__)).read_text(encoding="utf-8")
    assert "\nLOG_N = 18\n" in source


def test_long_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="short"):
        lock(Secret("x" * 65536), PHRASE)
