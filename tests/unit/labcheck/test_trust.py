"""Host keys: our fingerprints are OpenSSH's, and nothing is trusted by mistake."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from labcheck.trust import Trust, alike, compare, fingerprint, to_pin
from tests.services.process import program
from tests.services.sshd import keygen


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("keys")
    return {
        kind: (keygen(folder / kind, kind), folder / f"{kind}.pub") for kind in ("ed25519", "ecdsa", "rsa")
    }


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_fingerprints_are_those_that_openssh_prints(keys: dict[str, tuple[str, Path]], kind: str) -> None:
    key, path = keys[kind]
    told = subprocess.run(
        [program("ssh-keygen"), "-l", "-f", path], check=True, capture_output=True, text=True
    )
    assert fingerprint(key) == told.stdout.split()[1]
    assert fingerprint(f"{key} exam@204-07") == fingerprint(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "x " + "A" * 40,
    ],
)
def test_what_is_no_key_has_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="not a host key"):
        fingerprint(text)


def test_a_key_under_another_type_is_refused(keys: dict[str, tuple[str, Path]]) -> None:
    data = keys["rsa"][0].split()[1]
    with pytest.raises(ValueError, match="another type"):
        fingerprint(f"ssh-ed25519 {data}")


def test_a_key_is_pinned_unknown_or_changed(keys: dict[str, tuple[str, Path]]) -> None:
    ours, theirs = keys["ed25519"][0], keys["ecdsa"][0]
    assert compare(f"{ours} a comment", ours) is Trust.PINNED
    assert compare(None, ours) is Trust.UNKNOWN
    assert compare(ours, theirs) is Trust.CHANGED
    assert compare("damaged", ours) is Trust.CHANGED
    with pytest.raises(ValueError, match="not a host key"):
        compare(ours, "damaged")


def test_only_unknown_keys_are_pinned_and_changed_ones_where_a_person_said_so(
    keys: dict[str, tuple[str, Path]],
) -> None:
    one, two, three = (keys[kind][0] for kind in ("ed25519", "ecdsa", "rsa"))
    pinned = {"1А": one, "1Б": two, "2А": two}
    offered = {"1А": one, "1Б": three, "2А": three, "2Б": f"{three} comment"}
    assert to_pin(pinned, offered) == {"2Б": three}
    assert to_pin(pinned, offered, replace=frozenset({"1Б", "1А"})) == {"1Б": three, "2Б": three}


def test_seats_with_one_key_are_named_together(keys: dict[str, tuple[str, Path]]) -> None:
    one, two = keys["ed25519"][0], keys["ecdsa"][0]
    assert alike({"1А": one, "1Б": two, "2А": f"{one} other"}) == (("1А", "2А"),)
    assert alike({"1А": one, "1Б": two}) == ()
