"""What is beside the vault: the kernel's key ring, decrypted files in memory, sealed copies, the sheet."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from printing.documents.recovery import recovery_sheet
from provision.secret import Secret
from provision.vault import Kind, OpenVault, Vault, platform, unlocked
from provision.vault.archive import choose, export, unseal
from provision.vault.errors import NoSuchItem, VaultDamaged, VaultLocked
from provision.vault.item import Item
from provision.vault.plainfile import plain_file, sweep
from provision.vault.words import key_of, words_of
from tests.unit.printing.documents.reading import texts

COPY = Secret("пароль для проверяющего")


def test_the_kernel_holds_the_key_and_forgets_it_by_itself(vault: OpenVault) -> None:
    locked = Vault(vault.folder)
    assert unlocked.remembered(locked) is None
    assert unlocked.remember(vault, 1)
    found = unlocked.remembered(locked)
    assert found is not None
    assert found.keys == vault.keys
    assert unlocked.lock(locked)
    assert unlocked.remembered(locked) is None
    assert not unlocked.lock(locked)
    name = f"vpr-test-{os.getpid()}"
    assert platform.hold(name, b"x", 1)
    assert platform.held(name) == b"x"
    deadline = time.monotonic() + 10
    while platform.held(name) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_rotation_locks(vault: OpenVault) -> None:
    assert unlocked.remember(vault, 1)
    name = unlocked._name(vault)
    try:
        vault.rotate(lambda _sealed: None)
        assert unlocked.remembered(Vault(vault.folder)) is None
    finally:
        platform.forget(name)


def test_somebody_elses_key_opens_nothing(vault: OpenVault) -> None:
    for payload in (b"", b"no json", b"{}", b'{"minutes": 1, "own": ["x"]}'):
        assert platform.hold(unlocked._name(vault), payload or b" ", 5)
        assert unlocked.remembered(Vault(vault.folder)) is None
    platform.forget(unlocked._name(vault))


def test_a_decrypted_file_lies_in_memory_and_goes(vault: OpenVault) -> None:
    item, _sealed = vault.put_bytes("формы/форма.xls", Kind.FORM, b"content")
    with plain_file(vault, item) as path:
        assert platform.in_memory(path)
        assert path.name == "форма.xls"
        assert path.read_bytes() == b"content"
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        (path.parent / ".~lock.форма.xls#").write_text("somebody")
        folder = path.parent
        sweep(folder.parent)
        assert path.exists()
    assert not folder.exists()
    with pytest.raises(ZeroDivisionError), plain_file(vault, item) as path:
        raise ZeroDivisionError
    assert not path.parent.exists()


def test_what_a_killed_process_left_in_memory_goes_at_the_next_call(vault: OpenVault) -> None:
    item, _sealed = vault.put_bytes("a", Kind.FORM, b"content")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with plain_file(vault, item) as path:
            os.write(writing, str(path).encode())
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    left = Path(os.read(reading, 4096).decode())
    os.close(reading)
    os.close(writing)
    assert left.exists()
    with plain_file(vault, item):
        pass
    assert not left.exists()
    assert not left.parent.exists()


def fill(vault: OpenVault) -> list[Item]:
    return [
        vault.put_bytes(name, kind, data)[0]
        for name, kind, data in (
            ("ответы/Иванов.WAV", Kind.ANSWERS, os.urandom(400_000)),
            ("коды и имена.xlsx", Kind.CODE_TABLE, b"names"),
            ("шифр", Kind.CIPHER, b"old"),
            ("шифр", Kind.CIPHER, b"7301"),
            ("прочее.Иванов", Kind.OTHER, b"?"),
        )
    ]


def test_a_sealed_copy_opens_here_and_with_any_age(vault: OpenVault, tmp_path: Path) -> None:
    """With names and without; whole or not at all; nothing readable before it is opened."""
    items = fill(vault)
    copy = tmp_path / "copy.tar"
    export(vault, choose(vault.items(), names=False), copy, COPY, "how to open\n")
    assert copy.stat().st_mode & 0o077 == 0
    data = copy.read_bytes()
    for word in ("Иванов", "имена", "шифр"):
        assert word.encode() not in data
    with tarfile.open(copy) as archive:
        assert archive.getnames() == ["README.txt", "key.age", "items.tar.age"]
    names = unseal(copy, COPY, tmp_path / "out")
    assert names == ("CONTENTS.txt", "answers/0001.wav", "cipher/0002")
    assert (tmp_path / "out/cipher/0002").read_bytes() == b"7301"
    assert (tmp_path / "out/answers/0001.wav").read_bytes() == vault.take_bytes(items[0])
    subprocess.run(["sha256sum", "-c", "--quiet", "CONTENTS.txt"], cwd=tmp_path / "out", check=True)
    assert choose(vault.items(), names=False).left_out == 2
    assert [name for _item, name in choose(vault.items(), names=True).items] == [
        "ответы/Иванов.WAV",
        "коды и имена.xlsx",
        "шифр",
        "прочее.Иванов",
    ]
    with pytest.raises(VaultLocked):
        unseal(copy, Secret("another passphrase"), tmp_path / "wrong")
    for changed in (data[: len(data) // 2], data[:-200_000] + b"x" + data[-199_999:]):
        copy.write_bytes(changed)
        with pytest.raises((VaultDamaged, VaultLocked)):
            unseal(copy, COPY, tmp_path / "wrong")
        assert not (tmp_path / "wrong").exists()


def test_no_half_copy(vault: OpenVault, tmp_path: Path) -> None:
    items = fill(vault)
    path = vault.folder / "items" / f"{items[0].id}.age"
    chosen = choose(vault.items(), names=True)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(VaultDamaged):
        export(vault, chosen, tmp_path / "copy", COPY, "")
    path.unlink()
    with pytest.raises(NoSuchItem):
        export(vault, chosen, tmp_path / "copy", COPY, "")
    assert [name.name for name in tmp_path.iterdir()] == ["vault"]


def test_the_sheet_can_be_read_by_people_and_scanners(paper: Secret) -> None:

    words = words_of(paper).reveal().split()
    when = dt.datetime(2027, 4, 1, tzinfo=dt.UTC)
    data = recovery_sheet("Школа № 7", words, paper.reveal(), lambda text: text, when=when)
    (text,) = texts(data)
    assert [word for word in words if word not in text] == []
    document = pypdfium2.PdfDocument(data)
    try:
        (symbol,) = zxingcpp.read_barcodes(document[0].render(scale=150 / 72).to_pil())
    finally:
        document.close()
    assert key_of(Secret(symbol.text)) == paper
