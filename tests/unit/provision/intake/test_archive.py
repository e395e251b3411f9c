from __future__ import annotations

import io
import logging
import os
import stat
import struct
import subprocess
import sys
import textwrap
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import py7zr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.intake import archive
from provision.intake.archive import Limits
from provision.intake.errors import (
    ArchiveDamaged,
    ArchiveRefused,
    ArchiveUnsupported,
    CipherNeeded,
    CipherRefused,
    IntakeError,
    MemberRefused,
)
from provision.secret import Secret
from tests.unit.provision.intake import builders as make

RIGHT = Secret(make.CIPHER)
WRONG = Secret("Шифр-48151624")
ASCII = {"variant-1.pdf": make.FILES["Вариант 1.pdf"], "variant-2.pdf": make.FILES["Вариант 2.pdf"]}

ENCRYPTED: dict[str, Callable[[], bytes]] = {
    "AES-128": lambda: make.zip_aes(bits=128),
    "AES-192": lambda: make.zip_aes(bits=192),
    "AES-256": lambda: make.zip_aes(bits=256),
    "AES-256 cp866 names": lambda: make.zip_aes(cp866=True),
    "AES-256 cp866 cipher": lambda: make.zip_aes(cipher=make.CIPHER.encode("cp866")),
    "AES-256 cp1251 cipher": lambda: make.zip_aes(cipher=make.CIPHER.encode("cp1251")),
    "ZipCrypto": make.zip_crypto,
    "ZipCrypto cp866 cipher": lambda: make.zip_crypto(cipher=make.CIPHER.encode("cp866")),
    "7z": make.seven,
    "7z stored": lambda: make.seven(copy=True),
    "7z hidden names": lambda: make.seven(hidden=True),
}
PLAIN: dict[str, Callable[[], bytes]] = {
    "zip": make.zip_plain,
    "zip cp866": make.zip_cp866,
    "7z": lambda: make.seven(cipher=None),
    "rar5": make.rar5,
}


def put(tmp_path: Path, content: bytes, name: str = "download.tmp") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_the_right_cipher_opens_it(tmp_path: Path, kind: str) -> None:
    path = put(tmp_path, ENCRYPTED[kind]())
    info = archive.inspect(path)
    assert info.encryption == kind.split(maxsplit=1)[0].replace("7z", "AES-256")
    assert info.names_hidden == (kind == "7z hidden names")
    if not info.names_hidden:
        assert [(m.name, m.size, m.encrypted) for m in info.members] == [
            (name, len(content), True) for name, content in make.FILES.items()
        ]
    assert archive.opens(path, RIGHT)
    assert archive.read(path, RIGHT) == make.FILES


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_a_wrong_cipher_is_refused_at_once_and_changes_nothing(tmp_path: Path, kind: str) -> None:
    content = ENCRYPTED[kind]()
    path = put(tmp_path, content)
    assert not archive.opens(path, WRONG)
    with pytest.raises(CipherRefused, match=r"download\.tmp"):
        archive.read(path, WRONG)
    with pytest.raises(CipherNeeded, match=r"download\.tmp"):
        archive.read(path, None)
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", ["AES-256", "ZipCrypto"])
def test_no_wrong_zip_cipher_passes_by_chance(tmp_path: Path, kind: str) -> None:
    """ZipCrypto's check byte alone lets 1 of 256 through; a single member is the hardest case."""
    one = {"Вариант 1.pdf": make.FILES["Вариант 1.pdf"]}
    path = put(tmp_path, make.zip_aes(one) if kind == "AES-256" else make.zip_crypto(one))
    for number in range(40 if kind == "AES-256" else 600):
        cipher = Secret(f"{number:05}")
        assert not archive.opens(path, cipher)
        with pytest.raises(CipherRefused):
            archive.read(path, cipher)


@pytest.mark.parametrize("kind", PLAIN)
def test_archives_without_a_cipher_are_read_as_they_are(tmp_path: Path, kind: str) -> None:
    path = put(tmp_path, PLAIN[kind](), "whatever.docx")
    assert archive.inspect(path).encryption == ""
    assert archive.read(path, None) == make.FILES
    assert archive.read(path, RIGHT) == make.FILES
    assert not archive.opens(path, RIGHT)


def test_rar4_is_read(tmp_path: Path) -> None:
    assert archive.read(put(tmp_path, make.rar4(ASCII)), None) == ASCII


@pytest.mark.parametrize("version", [make.rar5, make.rar4])
@pytest.mark.parametrize("encrypted", ["files", "headers"])
def test_an_encrypted_rar_without_unrar_names_what_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: Callable[[Mapping[str, bytes], str], bytes],
    encrypted: str,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = put(tmp_path, version(ASCII, encrypted))
    assert archive.inspect(path).encryption == "RAR"
    with pytest.raises(CipherNeeded):
        archive.read(path, None)
    with pytest.raises(ArchiveUnsupported, match="unrar"):
        archive.read(path, RIGHT)
    with pytest.raises(ArchiveUnsupported, match="unrar"):
        archive.opens(path, RIGHT)


STAND_IN = """#!/bin/sh
# Stands in for unrar, which is not free and so not on every machine: the documented interface, and a record.
printf '%s\\n' "$*" >> "{log}"
read -r password
[ "$password" = "{cipher}" ] || exit 11
case "$1" in
lt) cat "{listing}";;
p)  printf '%%PDF-A%%PDF-BB';;
esac
"""


LISTING = """UNRAR 7.00

Archive: x
Details: RAR 5, encrypted headers

        Name: 7
        Type: Directory

        Name: 7/a.pdf
        Type: File
        Size: 6
 Packed size: 16
       Flags: encrypted

        Name: 7/b.pdf
        Type: File
        Size: 7
 Packed size: 16
       Flags: encrypted

"""


def test_unrar_gets_the_cipher_by_its_input_and_never_by_an_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, log = tmp_path / "unrar", tmp_path / "log"
    listing = tmp_path / "listing"
    listing.write_text(LISTING)
    program.write_text(STAND_IN.format(log=log, cipher=make.CIPHER, listing=listing))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    path = put(tmp_path, make.rar5(encrypted="headers"), "-x.rar")
    assert archive.opens(path, RIGHT)
    assert not archive.opens(path, WRONG)
    assert archive.read(path, RIGHT) == {"7/a.pdf": b"%PDF-A", "7/b.pdf": b"%PDF-BB"}
    with pytest.raises(CipherRefused):
        archive.read(path, WRONG)
    assert "Шифр" not in log.read_text()
    assert " -- /" in log.read_text()


def test_a_mac_zip_without_the_flag_has_utf8_names(tmp_path: Path) -> None:
    info = make.MacInfo("сад.pdf")
    info.create_system = 3
    path = put(tmp_path, make.zip_info(info, b"%PDF-1.4"))
    assert list(archive.read(path, None)) == ["сад.pdf"]


def test_backslashes_of_windows_are_folders(tmp_path: Path) -> None:
    path = put(tmp_path, make.zip_plain({"7А\\вариант 1.pdf": b"%PDF-1.4"}))
    assert list(archive.read(path, None)) == ["7А/вариант 1.pdf"]


@pytest.mark.parametrize(
    "name",
    ["../out.pdf", "a/../../out.pdf", "/etc/x.pdf", "C:/x.pdf", "c:x.pdf", "..\\x.pdf", "a\nb.pdf", " "],
)
@pytest.mark.parametrize("container", ["zip", "7z"])
def test_paths_that_lead_outside_are_refused_by_name(tmp_path: Path, name: str, container: str) -> None:
    if container == "zip":
        content = make.zip_plain({"a.pdf": b"%PDF-1.4", name: b"x"})
    else:
        placeholder = "n" * len(name)
        content = _renamed(make.seven({placeholder: b"x"}, cipher=None), placeholder, name)
    with pytest.raises(ArchiveRefused) as error:
        archive.inspect(put(tmp_path, content))
    assert "member" in error.value.params
    assert "\n" not in str(error.value)


def _renamed(content: bytes, old: str, new: str) -> bytes:
    """Patch a name in a 7z with a plain header, and its checksums: py7zr refuses to write such names."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as made:
        made.set_encoded_header_mode(False)
        made.writestr(b"x", old)
    data = bytearray(out.getvalue().replace(old.encode("utf-16le"), new.encode("utf-16le")))
    offset, size = struct.unpack_from("<QQ", data, 12)
    struct.pack_into("<I", data, 28, zlib.crc32(data[32 + offset : 32 + offset + size]))
    struct.pack_into("<I", data, 8, zlib.crc32(data[12:32]))
    return bytes(data)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("вариант 1.pdf")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    with pytest.raises(ArchiveRefused, match=r"вариант 1\.pdf is a link"):
        archive.read(put(tmp_path, make.zip_info(info, b"/etc/passwd")), None)


def test_a_link_in_a_7z_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.pdf"
    link.symlink_to("elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"x")
    with py7zr.SevenZipFile(tmp_path / "a", "w") as made:
        made.write(link, "link.pdf")
    with pytest.raises(ArchiveRefused, match=r"link\.pdf is a link"):
        archive.read(tmp_path / "a", None)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("Вариант.pdf", b"%PDF-1")
        made.writestr("вариант.PDF", b"%PDF-2")
    with pytest.raises(ArchiveRefused, match="twice"):
        archive.inspect(put(tmp_path, out.getvalue()))


@pytest.mark.parametrize("content", [make.zip_plain({}), make.zip_plain({"folder/": b""}), make.rar5({})])
def test_an_empty_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ArchiveRefused, match="empty"):
        archive.inspect(put(tmp_path, content))


@pytest.mark.parametrize("build", [make.zip_plain, lambda files: make.seven(files, cipher=None)])
def test_bombs_are_refused_before_unpacking(
    tmp_path: Path, build: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    path = put(tmp_path, build({"zeros.pdf": bytes(32 * 1024 * 1024)}))
    with pytest.raises(ArchiveRefused, match="32 MB"):
        archive.inspect(path)
    small = put(tmp_path, build({f"{n}.pdf": b"%PDF-1.4" for n in range(6)}), "small")
    with pytest.raises(ArchiveRefused, match="6 files"):
        archive.inspect(small, limits=Limits(members=5))
    with pytest.raises(ArchiveRefused, match=r"0\.pdf"):
        archive.inspect(small, limits=Limits(member_bytes=7))
    with pytest.raises(ArchiveRefused, match="no set of tasks"):
        archive.inspect(small, limits=Limits(total_bytes=47))


def test_a_member_bigger_than_it_says_stops_there(tmp_path: Path) -> None:
    """The sizes in both headers say 10 bytes; the stream goes on for a megabyte."""
    data = bytearray(make.zip_plain({"a.txt": b"x" * 1_000_000}))
    size = (1_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    path = put(tmp_path, bytes(data).replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(IntakeError, match=r"a\.txt"):
        archive.read(path, None)


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    """Two lines of the directory over one content, as in Fifield's zip bomb."""
    data = make.zip_plain({"a.pdf": b"%PDF-1.4"})
    directory = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[directory:end]
    tail = bytearray(data[end:])
    tail[8:12] = b"\x02\x00\x02\x00"
    tail[12:16] = (2 * len(entry)).to_bytes(4, "little")
    with pytest.raises(ArchiveRefused, match="overlaps"):
        archive.inspect(put(tmp_path, data[:end] + entry + bytes(tail)))


def test_contents_go_to_their_names_whatever_the_order_of_the_directory(tmp_path: Path) -> None:
    """AE-2 has no checksum to notice a swap by; two members of one size, listed in reverse."""
    files = {"variant-1.pdf": b"%PDF-1 one", "variant-2.pdf": b"%PDF-2 two"}
    data = make.zip_aes(files)
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    end = data.index(b"PK\x05\x06")
    path = put(tmp_path, data[:first] + data[second:end] + data[first:second] + data[end:])
    assert archive.read(path, RIGHT) == files


def test_a_header_that_contradicts_the_directory_is_refused(tmp_path: Path) -> None:
    data = make.zip_plain({"a.pdf": b"%PDF-1.4"}).replace(b"a.pdf", b"b.pdf", 1)
    with pytest.raises(ArchiveRefused, match="contradicts"):
        archive.inspect(put(tmp_path, data))


@pytest.mark.parametrize("inner", [make.zip_plain(), make.seven(), make.rar5()])
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, inner: bytes) -> None:
    path = put(tmp_path, make.zip_aes({"МА7.bin": inner}))
    with pytest.raises(ArchiveRefused, match=r"МА7\.bin is an archive inside"):
        archive.read(path, RIGHT)


@pytest.mark.parametrize("name", ["Вариант 1.pdf", "a.docx", "a.DOC", "a.xlsx"])
def test_a_member_that_is_not_what_it_says_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, make.zip_aes({name: b"<html>404 Not Found</html>"}))
    with pytest.raises(MemberRefused) as error:
        archive.read(path, RIGHT)
    assert name in str(error.value)


def test_what_is_no_archive_says_so(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnsupported):
        archive.inspect(put(tmp_path, b"<html>sign in again</html>", "tasks.zip"))


WHOLE = {
    **{name: build() for name, build in PLAIN.items()},
    "rar4": make.rar4(ASCII),
    **{name: ENCRYPTED[name]() for name in ("AES-256", "ZipCrypto", "7z", "7z hidden names")},
}


@pytest.mark.parametrize("kind", WHOLE)
def test_every_truncation_is_an_error_of_ours(tmp_path: Path, kind: str) -> None:
    content = WHOLE[kind]
    path = tmp_path / "part"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(IntakeError):
            archive.read(path, RIGHT)


@pytest.mark.parametrize("kind", [name for name in WHOLE if "7z h" not in name])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_noticed_or_harmless(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """A flipped byte gives an error of ours, or the right contents (it stood in a name or a time)."""
    content = bytearray(WHOLE[kind])
    at = data.draw(st.integers(8, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path = put(tmp_path, bytes(content))
    try:
        contents = archive.read(path, RIGHT)
    except IntakeError:
        return
    assert set(contents.values()) <= {*make.FILES.values(), b""}


def test_a_damaged_member_is_not_blamed_on_the_cipher(tmp_path: Path) -> None:
    data = bytearray(make.zip_aes())
    middle = data.index(b"PK\x03\x04", 10) + 120
    data[middle] ^= 0xFF
    path = put(tmp_path, bytes(data))
    assert archive.opens(path, RIGHT)
    with pytest.raises(ArchiveDamaged, match="Вариант 2"):
        archive.read(path, RIGHT)


def test_the_cipher_shows_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "Канарейка-90125"
    archives = {kind: build() for kind, build in ENCRYPTED.items()}
    archives["rar"] = make.rar5(encrypted="files")
    for kind, content in archives.items():
        path = put(tmp_path, content, kind)
        with pytest.raises(IntakeError) as caught:
            archive.read(path, Secret(canary))
        error = caught.value
        told = [str(error), repr(error), repr(error.params), *traceback.format_exception(error)]
        while (context := error.__context__) is not None:
            told.append(repr(context))
            error = context  # type: ignore[assignment]
        assert canary not in "".join(told)
    assert canary not in caplog.text
    assert "Канарейка" not in repr(archive.inspect(path))


def test_nothing_is_ever_written_to_a_file(tmp_path: Path) -> None:
    """The kernel refuses every write to any file (RLIMIT_FSIZE 0 kills by SIGXFSZ), and all is still read."""
    kinds = []
    for number, build in enumerate([*ENCRYPTED.values(), *PLAIN.values()]):
        kinds.append(put(tmp_path, build(), f"{number}"))
    script = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        sys.dont_write_bytecode = True
        from provision.intake import archive
        from provision.secret import Secret
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        cipher = Secret(sys.stdin.readline().strip())
        print(sum(len(archive.read(Path(name), cipher)) for name in sys.argv[1:]))
    """)
    before = sorted(tmp_path.iterdir())
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, kinds)],
        input=make.CIPHER,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path), "LC_ALL": "C.UTF-8"},
    )
    assert done.stdout.strip() == str(2 * len(kinds)), done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_a_wrong_cipher_is_told_before_unpacking(tmp_path: Path) -> None:
    """20 MB of members take far longer to decrypt than the refusal may."""
    big = {f"{n}.bin": os.urandom(5_000_000) for n in range(4)}
    for build in (make.zip_aes, make.zip_crypto):
        path = put(tmp_path, build(big))
        start = time.process_time()
        with pytest.raises(CipherRefused):
            archive.read(path, WRONG)
        assert time.process_time() - start < 0.1
