"""The watcher of planted words itself: it sees every kind of leak, and none where there is none."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.services.canary import Seen, Watcher
from tests.services.process import until

PLANTED = "Канарейкина Ульяна"


@dataclass
class Cage:
    """A watcher over a folder, and a way to run programs that have its spy."""

    watcher: Watcher
    folder: Path

    def python(self, program: str) -> None:
        """Run it; it does not stand in the arguments."""
        file = self.folder.parent / "program.py"
        file.write_text(program, encoding="utf-8")
        subprocess.run([sys.executable, file], env=os.environ | self.watcher.environment, check=True)


@pytest.fixture
def cage(tmp_path: Path) -> Cage:
    folder = tmp_path / "watched"
    folder.mkdir()
    watcher = Watcher([PLANTED], [folder], tmp_path / "spy", watched=[folder])
    return Cage(watcher, folder)


LEAKS = {
    "an argument": "import subprocess, sys; subprocess.run(['/bin/true', {word!r}])",
    "an environment": "import subprocess; subprocess.run(['/bin/true'], env={{'WHO': {word!r}}})",
    "a temporary file": "import os; open({file!r}, 'w').write({word!r}); os.remove({file!r})",
    "a name": "open({file!r} + {word!r}, 'w')",
    "an environment that is set": "import os; os.environ['WHO'] = {word!r}",
}


@pytest.mark.parametrize("way", LEAKS)
def test_the_watcher_sees_what_leaks_for_a_moment(cage: Cage, way: str) -> None:
    """The spy alone must see it: nothing of it lives long enough to be polled."""
    program = LEAKS[way].format(word=PLANTED, file=str(cage.folder / "part"))
    with cage.watcher:
        cage.python(program)
    assert {one.word for one in cage.watcher.seen} == {PLANTED}


@pytest.mark.parametrize("where", ["arguments", "environment"])
def test_the_watcher_sees_programs_without_the_spy(cage: Cage, where: str) -> None:
    words = ["/bin/sh", "-c", "sleep 30", PLANTED if where == "arguments" else "sh"]
    env = {"WHO": PLANTED} if where == "environment" else {}
    with cage.watcher:
        child = subprocess.Popen(words, env=env, start_new_session=True)
        try:
            until(lambda: bool(cage.watcher.seen), "a leak seen")
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    assert {one.where.split()[0] for one in cage.watcher.seen} == {where}


def packed(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/sharedStrings.xml", data)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        PLANTED.encode("cp1251"),
        PLANTED.encode("utf-16-le"),
        json.dumps({"who": PLANTED}).encode(),
        quote(PLANTED).encode(),
        repr(PLANTED.encode()).encode(),
        packed(gzip.compress(PLANTED.encode())),
        b"%PDF-1.7 stream\n" + zlib.compress(PLANTED.encode()) + b"\nendstream",
    ],
    ids=["cp1251", "utf-16", "json", "address", "repr", "packed twice", "pdf"],
)
def test_the_watcher_reads_every_spelling(cage: Cage, content: bytes) -> None:
    with cage.watcher:
        (cage.folder / "file").write_bytes(content)
        until(lambda: bool(cage.watcher.seen), "a leak seen")
    assert cage.watcher.seen == {Seen(str(cage.folder / "file"), PLANTED)}


def test_the_watcher_is_silent_where_nothing_leaks(cage: Cage) -> None:
    lawful = cage.folder / "participants.csv"
    cage.watcher.lawful = lambda path: path == lawful
    with cage.watcher:
        cage.python(f"import subprocess; word = {PLANTED!r}; subprocess.run(['/bin/true'])")
        lawful.write_text(PLANTED)
    assert cage.watcher.seen == set()
    assert cage.watcher.programs
