"""What goes in comes out, only for who may; every change of a byte is noticed; any age opens it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from provision.secret import Secret
from provision.vault import Kind, OpenVault, Sealed, Vault, age
from provision.vault.errors import (
    NameRefused,
    NoSuchHolder,
    NoSuchItem,
    NoVault,
    PassphraseTooShort,
    RecoveryRefused,
    SourceChanged,
    VaultChanged,
    VaultDamaged,
    VaultError,
    VaultLocked,
    VaultThere,
)
from provision.vault.vault import ITEMS
from tests.unit.provision.vault.conftest import PHRASE

CONTENT = "шифр 7301-АБ\n".encode()


def item_file(vault: Vault, item_id: str) -> Path:
    return vault.folder / ITEMS / f"{item_id}.age"


def test_what_goes_in_comes_out_and_its_place_says_nothing(vault: OpenVault) -> None:
    locked = Vault(vault.folder)
    item, sealed = locked.put_bytes("шифры/ру-7а.txt", Kind.CIPHER, CONTENT)
    again, _sealed = locked.put_bytes("шифры/ру-7а.txt", Kind.CIPHER, b"newer")
    assert vault.items() == (item, again)
    assert vault.newest("шифры/ру-7а.txt") == again
    assert vault.newest(item.id) == vault.newest(item.id[:8]) == item
    assert vault.take_bytes(item) == CONTENT
    assert (item.kind, item.size, item.sha256) == (
        Kind.CIPHER,
        len(CONTENT),
        hashlib.sha256(CONTENT).hexdigest(),
    )
    data = item_file(vault, item.id).read_bytes()
    assert sealed == Sealed(item.id, hashlib.sha256(data).hexdigest(), len(data)) == locked.sealed(item.id)
    for path in vault.folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
        assert "ру" not in path.name
        if path.is_file():
            assert CONTENT[:8] not in path.read_bytes()
    assert "ру" not in repr(item)


def test_an_empty_item_and_sizes_around_the_pieces(vault: OpenVault) -> None:
    for size in (0, 1, 511, 512, 513, 64 * 1024 - 1024, 64 * 1024, 300_001):
        data = os.urandom(size)
        item, _sealed = vault.put_bytes(f"size/{size}", Kind.OTHER, data)
        assert vault.take_bytes(vault.item(item.id)) == data
    assert vault.damaged() == ()


def test_any_age_opens_it(vault: OpenVault, paper: Secret, tmp_path: Path) -> None:
    content = os.urandom(200_000)
    item, _sealed = vault.put_bytes("ответы/1А/12345.wav", Kind.ANSWERS, content)
    (tmp_path / "paper").write_text(paper.reveal())
    script = (
        'age -d -i paper vault/identity.age >key && age -d -i key "$1" | tar -x --warning=no-unknown-keyword'
    )
    subprocess.run(["sh", "-c", script, "sh", item_file(vault, item.id)], cwd=tmp_path, check=True)
    assert (tmp_path / item.name).read_bytes() == content


def test_passphrases(vault: OpenVault) -> None:
    """Each opens what it should, before and after a change; nothing is encrypted anew for it."""
    item, sealed = vault.put_bytes("a", Kind.LOGIN, CONTENT)
    with pytest.raises(VaultLocked):
        vault.open("specialist", Secret("сорок сорок съели сы"))
    with pytest.raises(NoSuchHolder):
        vault.open("deputy", PHRASE)
    # й as one letter and as two
    vault.change_phrase("specialist", PHRASE, Secret("другой длинный пароль"))
    assert vault.open("specialist", Secret("другои\u0306 длинныи\u0306 пароль")).take_bytes(item) == CONTENT
    vault.admit("deputy", Secret("пароль заместителя"))
    assert vault.roles() == ("deputy", "specialist")
    kept = (vault.folder / "holders/deputy.age").read_bytes()
    opened = vault.open("deputy", Secret("пароль заместителя"))
    assert opened.take_bytes(item) == CONTENT
    assert vault.sealed(item.id) == sealed
    opened.dismiss("deputy")
    with pytest.raises(NoSuchHolder):
        vault.open("deputy", Secret("пароль заместителя"))
    assert "deputy" not in opened.current().holders
    (vault.folder / "holders/deputy.age").write_bytes(kept)  # a copy that was kept opens nothing
    with pytest.raises(VaultDamaged):
        vault.open("deputy", Secret("пароль заместителя"))
    for refused in ("короткий", ""):
        with pytest.raises(PassphraseTooShort):
            vault.admit("deputy", Secret(refused))


def test_a_new_sheet_makes_the_old_void(vault: OpenVault, paper: Secret) -> None:
    _opened, fresh = vault.new_paper()
    assert vault.open_by_paper(fresh).items() == ()
    with pytest.raises(RecoveryRefused):
        vault.open_by_paper(paper)
    with pytest.raises(RecoveryRefused):
        vault.open_by_paper(Secret("AGE-SECRET-KEY-1NONSENSE"))
    with pytest.raises(RecoveryRefused):  # the vault's own key is not the paper's
        vault.open_by_paper(vault.keys.own[0])


def test_rotation(vault: OpenVault) -> None:
    """A new key; the old one opens nothing that is there; who holds it in memory is told."""
    items = [vault.put_bytes(f"{n}", Kind.OTHER, bytes([n]) * 100_000)[0] for n in range(3)]
    told: list[Sealed] = []
    fresh = vault.rotate(told.append)
    assert fresh.items() == tuple(items)
    assert told == [fresh.sealed(item_id) for item_id in fresh.ids()]
    assert [fresh.take_bytes(item)[0] for item in items] == [0, 1, 2]
    assert vault.damaged() == fresh.ids()
    with pytest.raises(VaultChanged):
        vault.admit("deputy", PHRASE)
    assert len(fresh.current().own) == 1


def test_a_damaged_item_stops_a_rotation_and_nothing_is_lost(vault: OpenVault, paper: Secret) -> None:
    items = [vault.put_bytes(f"{n}", Kind.OTHER, bytes([n]) * 100_000)[0] for n in range(3)]
    path = item_file(vault, vault.ids()[1])
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(VaultDamaged):
        vault.rotate(lambda _sealed: None)
    path.write_bytes(whole)
    half_way = Vault(vault.folder).open_by_paper(paper)
    assert len(half_way.current().own) == 2
    assert [half_way.verify(item.id) for item in items] == items
    done = half_way.rotate(lambda _sealed: None)
    assert len(done.current().own) == 1
    assert [done.verify(item.id) for item in items] == items


def test_puts_during_a_rotation_are_not_lost(vault: OpenVault) -> None:
    for number in range(5):
        vault.put_bytes(f"before/{number}", Kind.OTHER, b"x")
    locked = Vault(vault.folder)
    stop = threading.Event()
    made: list[str] = []

    def put() -> None:
        while not stop.is_set():
            made.append(locked.put_bytes("during", Kind.OTHER, b"y")[0].id)

    thread = threading.Thread(target=put)
    thread.start()
    try:
        opened = vault
        for _round in range(3):
            opened = opened.rotate(lambda _sealed: None)
    finally:
        stop.set()
        thread.join()
    assert made
    assert opened.damaged() == ()
    assert {item.id for item in opened.items()} >= set(made)


def test_every_flipped_byte_of_an_item_and_every_cut_is_noticed(vault: OpenVault) -> None:
    item, _sealed = vault.put_bytes("a", Kind.CIPHER, CONTENT)
    path = item_file(vault, item.id)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VaultDamaged):
            vault.take(item, io.BytesIO())
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(VaultDamaged):
            vault.verify(item.id)
    assert vault.damaged() == (item.id,)
    path.write_bytes(whole + b"\0")
    with pytest.raises(VaultDamaged):
        vault.verify(item.id)
    path.write_bytes(whole)
    assert vault.verify(item.id) == item


def test_pieces_of_a_large_item_cannot_be_dropped_or_exchanged(vault: OpenVault) -> None:
    item, _sealed = vault.put_bytes("a", Kind.ANSWERS, os.urandom(300_000))
    path = item_file(vault, item.id)
    whole = path.read_bytes()
    piece = 64 * 1024 + 16
    start = whole.index(b"\n---") + 1
    start = whole.index(b"\n", start) + 1 + 16
    first, second, rest = (
        whole[start : start + piece],
        whole[start + piece : start + 2 * piece],
        whole[start + 2 * piece :],
    )
    for changed in (
        whole[:start] + second + first + rest,
        whole[:start] + first + rest,
        whole[:start] + first,
        whole[:start] + first + second,
    ):
        path.write_bytes(changed)
        with pytest.raises(VaultDamaged):
            vault.verify(item.id)


def test_every_flipped_byte_of_the_key_files_is_noticed(vault: OpenVault, paper: Secret) -> None:
    for name in ("identity.age", "recipient.txt"):
        path = vault.folder / name
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(VaultError):
                vault.open_by_paper(paper)
        path.write_bytes(whole)
    path = vault.folder / "holders/specialist.age"
    whole = path.read_bytes()
    assert whole.index(b" 10\n")  # the cost of the tests
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VaultLocked):
            vault.open("specialist", PHRASE)


def test_an_item_that_somebody_made_up_or_renamed_is_not_believed(vault: OpenVault) -> None:
    half = age.public(vault.keys.own[0])
    for number, forged in enumerate((b"", b"no tar", b"x" * 100_000, bytes(20_000))):
        with item_file(vault, f"{number:032x}").open("wb") as file:
            age.encrypt(io.BytesIO(forged), file, [half])
    assert len(vault.damaged()) == 4
    assert vault.items() == ()


def test_names(vault: OpenVault) -> None:
    for name in ("", ".", "/etc/passwd", "../x", "a/../b", "a//b", "a\nb", "a/", "x" * 1001, "\ud800"):
        with pytest.raises(NameRefused):
            vault.put_bytes(name, Kind.OTHER, b"")
    longest = "ж" * 500
    item, _sealed = vault.put_bytes(longest, Kind.OTHER, b"1")
    assert vault.item(item.id).name == longest
    for wrong in ("nothing", "../identity", "0" * 32):
        with pytest.raises(NoSuchItem):
            vault.newest(wrong)
        with pytest.raises(NoSuchItem):
            vault.remove(wrong)


def test_a_file_that_changes_is_not_kept(vault: OpenVault) -> None:
    class Growing(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            self.write(b"more")
            return super().seek(offset, whence)

    with pytest.raises(SourceChanged):
        vault.put("a", Kind.OTHER, Growing(b"some"))
    assert vault.ids() == ()
    assert [*(vault.folder / "parts").iterdir()] == []


def test_what_the_reader_of_an_item_refuses_is_the_readers(vault: OpenVault) -> None:
    item, _sealed = vault.put_bytes("a", Kind.OTHER, os.urandom(3_000_000))

    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        vault.take(item, Full())
    with vault.reading(item) as source:  # left before its end: no thread stays
        assert source.read(10)
    assert all("Thread-" not in thread.name or not thread.is_alive() for thread in threading.enumerate()[1:])


def test_only_one_vault_in_a_folder(vault: OpenVault, tmp_path: Path) -> None:
    with pytest.raises(VaultThere):
        Vault.create(vault.folder, "specialist", PHRASE)
    with pytest.raises(NoVault):
        Vault(tmp_path / "nowhere")
    with pytest.raises(PassphraseTooShort):
        Vault.create(tmp_path / "other", "specialist", Secret("short"))
    with pytest.raises(NoVault):
        Vault(tmp_path / "other")


def test_leftovers_of_killed_processes_go_and_those_of_living_ones_stay(vault: OpenVault) -> None:
    (vault.folder / "parts" / "dead").write_bytes(b"x")
    program = (
        "import sys; from pathlib import Path; from provision.vault.disk import together, writing\n"
        "top = Path(sys.argv[1])\n"
        "with together(top), writing(top / 'parts', top / 'items/x'): print(flush=True); sys.stdin.read()"
    )
    args = [sys.executable, "-c", program, str(vault.folder)]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert vault.clear_parts() == 0
        assert len([*(vault.folder / "parts").iterdir()]) == 2
    assert (vault.folder / "items" / "x").exists()
    assert vault.clear_parts() == 1
    assert [*(vault.folder / "parts").iterdir()] == []


def test_memory_is_bounded(vault: OpenVault, paper: Secret) -> None:
    """200 MB in and out cost no more memory than 20 MB."""
    program = """if True:
        import io, resource, sys
        from pathlib import Path
        from provision.secret import Secret
        from provision.vault import Kind, Vault
        class Zeros(io.RawIOBase):
            def __init__(self, size): self.size, self.at = size, 0
            def seek(self, at, whence=0): self.at = at; return at
            def read(self, size=-1):
                size = min(size, self.size - self.at); self.at += size; return bytes(size)
        class Nowhere:
            def write(self, data): pass
        vault = Vault(Path(sys.argv[1])).open_by_paper(Secret(sys.stdin.read()))
        for mb in (20, 200):
            item, _ = vault.put(f"{mb}", Kind.ANSWERS, Zeros(mb << 20))
            vault.take(item, Nowhere())
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """
    ran = subprocess.run(
        [sys.executable, "-c", program, str(vault.folder)],
        input=paper.reveal(),
        capture_output=True,
        text=True,
        check=True,
    )
    small, large = map(int, ran.stdout.split())
    assert large < small + 16 * 1024  # KiB


def test_each_file_lasts_before_it_has_its_name(vault: OpenVault, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("write", "fsync", "link", "rename", "unlink"):
        real = getattr(os, name)

        def noted(*args: object, _real: object = real, _name: str = name, **kwargs: object) -> object:
            calls.append(_name)
            return _real(*args, **kwargs)  # type: ignore[operator]

        monkeypatch.setattr(os, name, noted)
    vault.put_bytes("a", Kind.OTHER, b"x")
    assert calls == ["write", "fsync", "link", "unlink", "fsync"]
    calls.clear()
    vault.new_paper()
    assert calls == ["write", "fsync", "rename", "fsync"]


def test_times_are_kept(vault: OpenVault) -> None:
    moment = dt.datetime(2027, 4, 15, 4, 30, 0, 123456, dt.UTC)
    item, _sealed = Vault(vault.folder, lambda: moment).put_bytes("a", Kind.FORM, b"")
    assert vault.item(item.id).at == moment
