"""Lines for the shells of workstations. Those of Windows are checked by its own rules, restated here."""

from __future__ import annotations

import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.transport.base import powershell
from labcheck.transport.commands import line

letters = st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")
windows_letters = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='"%')
words = st.lists(st.text(letters), min_size=1, max_size=5)
windows_words = st.lists(st.text(windows_letters), min_size=1, max_size=5)


@given(words)
def test_a_posix_shell_gives_the_words_back(given_words: list[str]) -> None:
    script = line(["printf", "%s\\0", *given_words], "linux")
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == given_words


@given(windows_words)
def test_windows_gives_the_words_back(given_words: list[str]) -> None:
    script = line(given_words, "windows")
    assert _special_to_cmd(script) == set()
    assert _command_line_to_argv(script) == given_words


def _special_to_cmd(script: str) -> set[str]:
    """What cmd.exe would act on: its own characters outside quotes, and percent signs anywhere."""
    outside = "".join(script.split('"')[::2])
    return (set(outside) & set("&|<>^()!;,")) | (set(script) & {"%"})


def _command_line_to_argv(script: str) -> list[str]:
    """The words as CommandLineToArgvW and Microsoft's C library read them."""
    found: list[str] = []
    at = 0
    while at < len(script):
        while at < len(script) and script[at] in " \t":
            at += 1
        word, quoted, begun = "", False, at < len(script)
        while at < len(script) and (quoted or script[at] not in " \t"):
            backslashes = len(script[at:]) - len(script[at:].lstrip("\\"))
            at += backslashes
            if at < len(script) and script[at] == '"':
                word += "\\" * (backslashes // 2)
                if backslashes % 2:
                    word += '"'
                else:
                    quoted = not quoted
                at += 1
            else:
                word += "\\" * backslashes
                if not backslashes:
                    word += script[at]
                    at += 1
        if begun:
            found.append(word)
    return found


@pytest.mark.parametrize("word", ['a"b', "%PATH%", "a\nb", "\x00"])
def test_what_cmd_would_change_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="powershell"):
        line(["prog", word], "windows")


def test_a_plain_program_keeps_no_quotes_so_that_powershell_takes_it_too() -> None:
    assert line(["C:\\Python\\python.exe", "-m", "agent"], "windows") == "C:\\Python\\python.exe -m agent"


def test_powershell_scripts_need_no_quoting() -> None:
    script = "Write-Output \"a 'b' %PATH% ответы\" | Out-File $x"
    command = powershell(script)
    assert line(command, "windows") == " ".join(command)
    assert base64.b64decode(command[-1]).decode("utf-16-le") == script
