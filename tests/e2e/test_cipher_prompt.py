"""The cipher typed at a prompt: right, wrong, one for each archive, and where nobody can type."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pexpect
import pytest

from tests.e2e.site import command_line, environment, example, pdfs

ARGS = ("rooms", "--dry-run", "--json", "--ask-cipher")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The example school without its cipher files, and the ciphers of its two archives."""
    site = example(tmp_path_factory.mktemp("prompt"))
    ciphers = []
    for path in (site / "inbox").glob("*.txt"):
        text = path.read_bytes().decode("cp1251")
        ciphers += re.findall(r"[A-Za-z0-9]{3}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}", text)
        path.unlink()
    assert len(ciphers) == 2
    return site, ciphers


def typed(site: Path, lines: list[str]) -> tuple[int, str]:
    """Exit code and everything shown, with ``lines`` typed on a terminal."""
    program, *words = command_line(site, *ARGS)
    child = pexpect.spawn(program, words, env=environment(), encoding="utf-8", timeout=60)
    for line in lines:
        child.expect("cipher.*: |Cipher.*: ")
        child.sendline(line)
    child.expect(pexpect.EOF)
    shown = str(child.before)
    child.close()
    return int(child.exitstatus or 0), shown


def test_a_cipher_for_each_archive(school: tuple[Path, list[str]]) -> None:
    site, ciphers = school
    code, shown = typed(site, [ciphers[0], ciphers[1], ""])
    assert code == 0, shown
    assert '"state": "todo"' in shown
    assert "cipher-refused" not in shown
    assert not [cipher for cipher in ciphers if cipher in shown]


def test_a_wrong_one_is_refused_and_keeps_everything(school: tuple[Path, list[str]]) -> None:
    site, ciphers = school
    code, shown = typed(site, ["wrong", ""])
    assert code == 4
    assert shown.count('"cipher-refused"') == 4
    code, shown = typed(site, [f" {ciphers[0]} ", ""])  # pasted with spaces around
    assert code == 4
    assert shown.count('"cipher-refused"') == 2
    assert pdfs(site) == []


@pytest.mark.parametrize(("given", "expected"), [(None, 4), ("both", 0)])
def test_without_a_terminal_it_is_read_from_standard_input(
    school: tuple[Path, list[str]], given: str | None, expected: int
) -> None:
    site, ciphers = school
    done = subprocess.run(
        command_line(site, *ARGS),
        input="\r\n".join(ciphers) + "\r\n" if given else "",
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == expected
    assert "Warning" not in done.stderr
    if given is None:
        assert '"cipher-needed"' in done.stdout
