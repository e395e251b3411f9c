"""The formats that an audit reads, from files as programs write them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from bench.leaks import formats as made
from provision.audit import formats
from provision.audit.browsers import NoDatabase, downloads, with_log
from provision.audit.known import Hit, Known, Sort
from provision.audit.needles import Needles
from provision.audit.sharing import nfs_shares, smb_shares, user_share
from provision.audit.shells import entries, tells
from provision.audit.spooling import directives, kept_seconds
from provision.audit.sshkeys import Guard, guard_of
from provision.audit.swap import areas
from provision.audit.texts import markup_text
from provision.secret import Secret
from provision.site.surnames import Surnames

LEAKING = (
    "7z x a.7z -pZima2027",
    "7z a -pZima2027 b.7z x",
    "unzip -P Zima2027 a.zip",
    "unzip -PZima2027 a.zip",
    "rar x -pZima2027 a.rar",
    "unrar x -hpZima2027 a.rar",
    "curl -u school:Zima2027 https://example",
    'curl --user "school:Zima 2027" https://example',
    "wget --password=Zima2027 https://example",
    "sshpass -p Zima2027 ssh lab",
    "mysql -uroot -pZima2027",
    r"net use \\srv\x /user:admin Zima2027",
    "echo Zima2027 | sudo -S id",
    "export PGPASSWORD=Zima2027",
    "$env:PASSWORD = 'Zima2027'",
    "FIS_PASSWORD=Zima2027 ./run",
    "git clone https://user:Zima2027@example/x",
    "tool --password Zima2027",
    "mount -t cifs //srv/x /mnt -o username=a,password=Zima2027",
    "ConvertTo-SecureString 'Zima2027' -AsPlainText",
)
HARMLESS = (
    "unzip -p a.zip",
    "7z x photos.7z",
    "7z x a.7z -p",
    "mkdir -p a/b",
    "ssh -p 2222 lab",
    "cp -p a b",
    "mysql -p",
    "curl -u $USER:$PASS https://example",
    'export PASSWORD="$(pass show x)"',
    "export PASSWORD=$OTHER",
    "tool --password-file /run/x",
    "gpg --passphrase-fd 0 -d x",
    "echo $PASSWORD | sudo -S id",
    "git clone https://user@example/x",
    "rar x a.rar -p-",
    "sshpass -f /run/x ssh lab",
    "grep -rn password .",
)


def test_passwords_in_commands() -> None:
    assert [command for command in LEAKING if not tells(command)] == []
    assert [command for command in HARMLESS if tells(command)] == []


def test_histories_are_read_as_their_shells_write_them() -> None:
    assert [(one.line, one.text) for one in entries(b"#1744691000\nls\n", "plain")] == [(2, "ls")]
    metafied = b": 1744691000:0;echo \xd1\x83\xa2\n"  # "т" is D1 82, and zsh escapes the 82
    assert [one.text for one in entries(metafied, "zsh")] == ["echo т"]
    fish = b"- cmd: echo a\\nb\n  when: 1\n"
    assert [one.text for one in entries(fish, "fish")] == ["echo a\nb"]


def test_windows_shortcut_and_recycle_bin() -> None:
    path = "C:\\Загрузки\\вариант 1.pdf"
    found = formats.lnk(made.lnk(path, 77, 1_800_000_000.0))
    assert found is not None
    assert (found.path, found.size, round(found.at)) == (path, 77, 1_800_000_000)
    filetime = (1_800_000_000 + 11644473600) * 10**7
    name = path.encode("utf-16-le") + b"\0\0"
    for data in (
        struct.pack("<qqqi", 2, 77, filetime, len(name) // 2) + name,
        struct.pack("<qqq", 1, 77, filetime) + name.ljust(520, b"\0"),
    ):
        assert formats.recycled(data) == formats.Pointer(path, 1_800_000_000.0, 77)
    whole = made.lnk(path, 77, 1.0)
    for cut in range(len(whole)):  # damaged files are no news, and no error
        formats.lnk(whole[:cut])
        formats.recycled(whole[:cut])
        formats.thumbnail(made.png("file:///x", 1)[:cut])


def test_lists_of_recent_files() -> None:
    (found,) = formats.xbel(made.xbel("/srv/а & б.pdf", "2027-04-15T07:00:00Z"))
    assert (found.path, found.at) == ("/srv/а & б.pdf", 1807772400.0)
    assert [one.path for one in formats.registrymodifications(made.registry("/srv/в 1.odt"))] == [
        "/srv/в 1.odt"
    ]
    trashed = formats.trashinfo(made.trashinfo("/srv/ключ 1.txt"))
    assert trashed is not None
    assert trashed.path == "/srv/ключ 1.txt"
    assert formats.thumbnail(made.png("file:///srv/%D0%B2.pdf", 5)) == formats.Pointer("/srv/в.pdf", 5.0)


def test_browsers_histories_and_their_logs(tmp_path: Path) -> None:
    (found,) = downloads(made.chrome([("/srv/a.zip", 5, 1_800_000_000.0)], tmp_path))
    assert found == formats.Pointer("/srv/a.zip", 1_800_000_000.0, 5)
    places, log = made.firefox([("/srv/б.zip", 6, 1_800_000_000.0)], tmp_path)
    assert list(downloads(places)) == []  # it stands in the log alone
    assert list(downloads(places, log)) == [formats.Pointer("/srv/б.zip", 1_800_000_000.0, 6)]
    torn = log[:-30]  # the last page came only half to the disk: nothing of it is committed
    assert list(downloads(places, torn)) == []
    for damaged in (b"", b"SQLite format 3\0" + b"x" * 500, places[:700]):
        with pytest.raises(NoDatabase):
            list(downloads(damaged))
    assert with_log(places, b"garbage" * 20)[100:] == places[100:]


def test_keys_tell_what_protects_them(tmp_path: Path) -> None:
    putty = b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: %s\nComment: x\n"
    assert guard_of(putty % b"none") is Guard.NONE
    assert guard_of(putty % b"aes256-cbc") is Guard.PASSPHRASE
    assert guard_of(b"ssh-ed25519 AAAA x") is None
    assert (
        guard_of(b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
        is Guard.UNCLEAR
    )
    assert guard_of(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") is None


def test_settings_of_cups() -> None:
    text = (
        "# PreserveJobFiles No\n<Policy default>\nPreserveJobFiles No\n</Policy>\nPreserveJobFiles 2h # yes\n"
    )
    assert directives(text) == {"preservejobfiles": ["2h"]}
    told = {
        "No": 0,
        "off": 0,
        "Yes": None,
        "30": 30,
        "15m": 900,
        "1.5h": 5400,
        "1d": 86400,
        "nonsense": 86400,
    }
    assert {word: kept_seconds(word) for word in told} == told


def test_shares() -> None:
    text = (
        "[global]\nguest ok = yes\n[A]\n path=/a\n[b]\npath = /b\navailable = no\n#[c]\n#path=/c\n[homes]\n"
    )
    text += "guestok=no\n"
    assert [(one.name, one.path, one.guests) for one in smb_shares(text)] == [
        ("a", "/a", True),
        ("homes", "%H", False),
    ]
    lines = '/a *(ro)\n# /b *(ro)\n"/c d" 10.0.0.1(rw) \\\n  10.0.0.2(rw)\n/e\\040f\n/g 10.0.0.3(ro)\n'
    assert [(one.path, one.guests) for one in nfs_shares(lines)] == [
        ("/a", True),
        ("/c d", False),
        ("/e f", True),
        ("/g", False),
    ]
    share = user_share("#VERSION 2\npath=/x\nguest_ok=n\n", "x", "f")
    assert share is not None
    assert not share.guests


def test_swaps() -> None:
    assert [
        (one.path, one.is_file)
        for one in areas("Filename Type\n/dev/dm-1 partition 4 0 -2\n/a\\040b file 4 0 -3\n")
    ] == [
        ("/dev/dm-1", False),
        ("/a b", True),
    ]


def test_words_that_runs_cut_are_whole_and_cells_are_apart() -> None:
    text = "<w:p><w:r><w:t>kR7-</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>2mVq</w:t></w:r></w:p>"
    text += "<c><v>12345</v></c><c><v>67890</v></c>"
    assert markup_text(text).split() == ["kR7-2mVq", "12345", "67890"]


class TestKnown:
    """Codes among numbers, secrets among bytes, and what may be shown of a path."""

    codes = frozenset(f"{number:05d}" for number in range(10007, 99999, 1501))

    def known(self) -> Known:
        names = ("Иванова", "Ли", "Орёл")
        known = Known(
            codes=self.codes,
            surnames=frozenset(name.casefold().replace("ё", "е") for name in names),
            pupils=Surnames(map(Secret, names)),
        )
        known.add_secret(Secret("kR7-2mVq"), Hit(Sort.CIPHER))
        return known

    def test_chance_is_no_leak(self) -> None:
        known, some = self.known(), sorted(self.codes)
        every = "\n".join(f"{number:05d}" for number in range(100_000))
        assert list(known.in_text(every)) == []  # all numbers that there are: ours among them
        assert list(known.in_text(f"цена {some[0]}, артикул {some[1]}")) == []
        assert list(known.in_text(" ".join(f"1{one} {one}2 {one}.5 {one}-1" for one in some))) == []
        assert [hit.count for hit in known.in_text("\n".join(some[:3]))] == [3]

    def test_one_code_beside_who_it_is_for(self) -> None:
        known, code = self.known(), min(self.codes)
        for line in (f"Иванова Мария {code}", f"код участника: {code}", f"Орёл;{code}"):
            assert [hit.tail for hit in known.in_text(f"x\n{line}\ny")] == [code[-2:]], line
        for line in (f"код подтверждения {code}", f"Петрова {code}", f"Иванова\n{code}"):
            assert list(known.in_text(line)) == [], line

    def test_paths_are_masked(self) -> None:
        known, code = self.known(), min(self.codes)
        masked = known.mask(f"/d/Иванова_{code}.txt /d/для Ивановой kR7-2mVq.pdf /d/Ли/Лира/Иван.txt")
        assert masked == f"/d/…_…{code[-2:]}.txt /d/для … ….pdf /d/…/Лира/Иван.txt"

    def test_secrets_at_any_place_in_any_encoding(self) -> None:
        needles = Needles()
        needles.add(Secret("Шифр-27Б"), 1)
        needles.add(Secret("a1b2"), 2)
        for encoding in ("utf-8", "utf-16-le", "cp1251", "cp866"):
            for before in (0, 1, 7, (1 << 20) - 3):
                data = b"\x07" * before + "Шифр-27Б".encode(encoding) + b"\x07"
                assert needles.find(data) == {1}, (encoding, before)
        assert needles.find("шифр-27Б".encode()) == frozenset()
        assert (
            needles.find(b"xa1b2") == needles.find(b"a1b23") == frozenset()
        )  # a short one is a word by itself
        assert needles.find(b"(a1b2)") == {2}
