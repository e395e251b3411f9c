"""How the software is described: paths that lead nowhere else, and a list that is signed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labcheck.agent.package import differences, parse, slug
from labcheck.agent.protocol import Refused
from labcheck.deploy import described
from labcheck.requirements import Software, SoftwareFile, Steps

DIGEST = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"


def raw(**other: Any) -> dict[str, Any]:
    return {"name": "n", "version": "1", "files": [{"path": "a", "sha256": DIGEST}], **other}


@pytest.mark.parametrize(
    "path",
    ["../a", "a/../b", "/etc/passwd", "a//b", "", "a\\b", "C:/a", "a:b", "a/./b", "a.part", ".vpr-version",
     "con", "x/NUL.txt", "com1.exe", "a.", "a ", "a\0b", "a\nb", "a*"],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(raw(files=[{"path": path, "sha256": DIGEST}]))
    assert refused.value.code == "bad-package"


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": []},
        {"files": [{"path": "a", "sha256": "abc"}]},
        {"files": [{"path": "a", "sha256": DIGEST}] * 2},
        {"files": None},
        {"name": ""},
        {"version": ""},
        {"signature": "not base64!", "public_key": "AAAA"},
        {"install": 7},
    ],
)
def test_a_description_that_is_off_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        parse(raw(**wrong))
    assert refused.value.code == "bad-package"


def test_agent_and_controller_sign_the_same_bytes() -> None:
    software = Software(
        "Станция записи", "2.1 б", (SoftwareFile("b/ц.bin", DIGEST), SoftwareFile("a", "f" * 64)), {}
    )
    assert parse(described(software, "linux")).manifest() == software.manifest()


def test_signature_covers_name_version_and_files() -> None:
    private = Ed25519PrivateKey.generate()
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    signed = parse(raw()).manifest()
    signature = base64.b64encode(private.sign(signed)).decode()
    good = raw(public_key=key, signature=signature)
    assert parse(good).version == "1"
    for change in (
        {"version": "2"},
        {"name": "m"},
        {"files": [{"path": "b", "sha256": DIGEST}]},
        {"signature": None},
    ):
        with pytest.raises(Refused) as refused:
            parse({**good, **change})
        assert refused.value.code == "bad-signature"


def test_other_commands_make_another_version() -> None:
    steps = [
        parse(raw(**step)).id()
        for step in ({}, {"install": ["a"]}, {"check": ["a"]}, {"install": ["a", "b"]})
    ]
    assert len(set(steps)) == 4


def test_names_that_a_file_system_takes_stay_apart() -> None:
    assert slug("station-2.1") == "station-2.1"
    slugs = [slug(name) for name in ("Станция", "Станции", "a b", "a-b", "a/b", "..", ".")]
    assert len(set(slugs)) == len(slugs)
    assert all(name and "/" not in name and name.strip(".") and name.isascii() for name in slugs)


def test_a_link_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"0")
    (tmp_path / "a").symlink_to("real")
    package = parse(raw())
    assert differences(package, str(tmp_path)) == {"missing": ["a"], "changed": []}
    (tmp_path / "a").unlink()
    (tmp_path / "a").write_bytes(b"0")
    assert differences(package, str(tmp_path)) == {"missing": [], "changed": []}
    (tmp_path / "a").write_bytes(b"1")
    assert differences(package, str(tmp_path)) == {"missing": [], "changed": ["a"]}


def test_steps_are_those_of_the_system() -> None:
    steps = {"linux": Steps(install=("./i",), answers="~/answers"), "windows": Steps(check=("c.exe",))}
    software = Software("n", "1", (SoftwareFile("a", DIGEST),), steps)
    assert described(software, "linux")["install"] == ["./i"]
    assert described(software, "linux")["answers"] == "~/answers"
    assert described(software, "windows")["check"] == ["c.exe"]
    assert described(software, "windows")["install"] == []
