"""The folder queue: what is on disk, and that no crash leaves half a job."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from printing.errors import FolderRefused
from printing.queues.base import Job, JobHandle, JobState, PrintOptions
from printing.queues.folder import FolderQueue


def job(name: str, path: str, content: bytes = b"%PDF kit") -> Job:
    return Job(name, path, 1, lambda out: _write(out, content))


def _write(out: BinaryIO, content: bytes) -> None:
    out.write(content)


@pytest.fixture
def queue(tmp_path: Path) -> FolderQueue:
    return FolderQueue(tmp_path / "site" / "out", "Folder")


def files(queue_root: Path) -> dict[str, bytes]:
    """What a person finds in the folder."""
    return {
        str(file.relative_to(queue_root)): file.read_bytes()
        for file in queue_root.rglob("*")
        if file.is_file() and ".jobs" not in file.parts
    }


def test_the_file_is_private_whole_and_named_by_its_path(queue: FolderQueue, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        handle = queue.submit(job("a1", "ma7a/204/02-kit.pdf"))
    finally:
        os.umask(old)
    root = tmp_path / "site" / "out"
    assert files(root) == {"ma7a/204/02-kit.pdf": b"%PDF kit"}
    assert handle == JobHandle("a1", "ma7a/204/02-kit.pdf")
    for entry in [root, *root.rglob("*")]:
        wanted = 0o700 if entry.is_dir() else 0o600
        assert stat.S_IMODE(entry.stat().st_mode) == wanted, entry
    assert (root / handle.reference).stat().st_nlink == 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/x.pdf",
        "../x.pdf",
        "a/../../x.pdf",
        "a/./../x.pdf",
        ".jobs/x",
        "a/.hidden",
        "a\\b.pdf",
        "a\n.pdf",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(queue: FolderQueue, tmp_path: Path, path: str) -> None:
    with pytest.raises(FolderRefused):
        queue.submit(job("a1", path))
    assert not list(tmp_path.rglob("*.pdf"))


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".a", "a.part", "имя"])
def test_job_names_are_plain(queue: FolderQueue, name: str) -> None:
    with pytest.raises(FolderRefused):
        queue.submit(job(name, "x.pdf"))
    assert queue.find(name) is None


def test_another_file_is_never_replaced(queue: FolderQueue, tmp_path: Path) -> None:
    root = tmp_path / "site" / "out"
    queue.submit(job("a1", "x.pdf", b"first"))
    with pytest.raises(FolderRefused):
        queue.submit(job("b2", "x.pdf", b"second"))
    assert files(root) == {"x.pdf": b"first"}
    assert queue.find("b2") is None
    (root / "y.pdf").symlink_to("/nowhere")
    with pytest.raises(FolderRefused):
        queue.submit(job("c3", "y.pdf"))


def test_a_name_gives_one_file_however_often_it_is_handed_over(queue: FolderQueue, tmp_path: Path) -> None:
    first = queue.submit(job("a1", "x.pdf", b"first"))
    assert queue.submit(job("a1", "z.pdf", b"other")) == first
    assert files(tmp_path / "site" / "out") == {"x.pdf": b"first"}


def test_a_changed_or_missing_file_is_no_longer_stored(queue: FolderQueue, tmp_path: Path) -> None:
    handle = queue.submit(job("a1", "x.pdf", b"first"))
    file = tmp_path / "site" / "out" / "x.pdf"
    assert queue.report(handle).state is JobState.STORED
    file.write_bytes(b"fir")
    assert queue.report(handle).state is JobState.UNKNOWN
    file.unlink()
    assert queue.find("a1") is None


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """A file larger than the process may write stands for a full disk."""
    script = """
import resource, signal, sys
from pathlib import Path
from printing.errors import FolderRefused
from printing.queues.base import Job
from printing.queues.folder import FolderQueue
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
queue = FolderQueue(Path(sys.argv[1]), "f")
try:
    queue.submit(Job("a1", "x.pdf", 1, lambda out: out.write(b"x" * 3_000_000)))
except FolderRefused as refused:
    print(refused)
print(queue.find("a1"))
queue.submit(Job("a2", "x.pdf", 1, lambda out: out.write(b"x" * 1000)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "queue 'f' cannot write to its folder: File too large\nNone\n"
    assert files(tmp_path) == {"x.pdf": b"x" * 1000}


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    queue = FolderQueue(tmp_path / "file" / "out", "Folder")
    with pytest.raises(FolderRefused):
        queue.check(PrintOptions())
    with pytest.raises(FolderRefused):
        queue.submit(job("a1", "x.pdf"))


_ENDLESS = """
import itertools, sys
from pathlib import Path
from printing.queues.base import Job
from printing.queues.folder import FolderQueue
queue = FolderQueue(Path(sys.argv[1]), "f")
def write(out):
    for _ in range(8):
        out.write(b"y" * 8192)
for number in itertools.count():
    print(number, flush=True)
    queue.submit(Job(f"j{number}", f"room/{number}.pdf", 1, write))
"""
WHOLE = b"y" * 8192 * 8


def test_killed_at_any_instant_each_job_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """Forty processes that hand over jobs without end are killed at random instants (seeded)."""
    chance = random.Random(7)
    midway = 0
    for round_ in range(40):
        root = tmp_path / str(round_)
        child = subprocess.Popen(
            [sys.executable, "-c", _ENDLESS, str(root)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.02))
        child.send_signal(signal.SIGKILL)
        started = 1 + len(child.stdout.read().splitlines())
        child.stdout.close()
        child.wait()
        midway += bool(list(root.glob(".jobs/*.part")))
        queue = FolderQueue(root, "f")
        found = {number for number in range(started) if queue.find(f"j{number}")}
        assert files(root) == {f"room/{number}.pdf": WHOLE for number in found}
        assert found >= set(range(started - 1)), "every job but the last was accepted"
        for number in range(started):
            queue.submit(Job(f"j{number}", f"room/{number}.pdf", 1, lambda out: _write(out, WHOLE)))
        assert files(root) == {f"room/{number}.pdf": WHOLE for number in range(started)}
        assert not list(root.glob(".jobs/*.part"))
    assert midway >= 5, "the kills must hit jobs in the middle"
