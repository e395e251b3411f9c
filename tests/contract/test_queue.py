"""What every queue keeps to: a folder, the real CUPS with a real IPP printer, dispatch's fake."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest
from pypdf import PdfReader

from printing.errors import OptionRefused
from printing.journal import HELD
from printing.kit import Media
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions, Queue
from printing.queues.open import open_queue
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.paper import pdf, writer
from tests.services.process import until
from tests.unit.printing.hostile import HostileQueue

Pages = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rig:
    """A queue, a way to open it anew as after a restart, and what really came out of it, in order."""

    queue: Queue
    reopen: Callable[[], Queue]
    delivered: Callable[[], tuple[Pages, ...]]
    folder: Path
    """Where the queue's far side may keep documents."""

    def follow(self, handle: JobHandle) -> JobReport:
        """Wait for a job's end."""
        until(lambda: self.queue.report(handle).state.ended, f"the end of {handle.name}")
        return self.queue.report(handle)


def folder_rig(tmp_path: Path) -> Rig:
    def delivered() -> tuple[Pages, ...]:
        files = sorted((tmp_path / "out").rglob("*.pdf"), key=lambda file: file.stat().st_mtime_ns)
        return tuple(tuple(page.extract_text().strip() for page in PdfReader(f).pages) for f in files)

    def reopen() -> Queue:
        return open_queue("folder:out", "the folder", tmp_path)

    return Rig(reopen(), reopen, delivered, tmp_path / "out")


def cups_rig(server: PrintServer, printer: VirtualPrinter) -> Rig:
    def reopen() -> Queue:
        return open_queue(server.uri(printer.name), "the printer", Path())

    def delivered() -> tuple[Pages, ...]:
        return tuple(document.pages for document in printer.received() if document.printed)

    return Rig(reopen(), reopen, delivered, server.folder)


def fake_rig(tmp_path: Path) -> Rig:
    queue = HostileQueue()
    return Rig(queue, queue.reopened, lambda: tuple(queue.delivered), tmp_path)


@pytest.fixture(params=["folder", "cups", "fake"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    if request.param == "folder":
        made = folder_rig(tmp_path)
    elif request.param == "fake":
        made = fake_rig(tmp_path)
    else:
        made = cups_rig(request.getfixturevalue("print_server"), request.getfixturevalue("printer"))
    yield made
    made.queue.close()


def job(name: str, *pages: str, media: Media = Media.A4) -> Job:
    return Job(name, f"room/{name}.pdf", len(pages), writer(pages, media), PrintOptions(media))


GOOD_END = {JobState.CLAIMED, JobState.STORED}


def test_a_job_comes_out_whole_and_once(rig: Rig) -> None:
    rig.queue.check(PrintOptions())
    handle = rig.queue.submit(job("a1b2", "first", "second", "third"))
    assert handle.name == "a1b2"
    assert rig.follow(handle).state in GOOD_END
    assert rig.delivered() == (("first", "second", "third"),)


def test_jobs_come_out_in_their_order(rig: Rig) -> None:
    handles = [rig.queue.submit(job(f"n{i}", f"kit {i}")) for i in range(3)]
    for handle in handles:
        assert rig.follow(handle).state in GOOD_END
    assert rig.delivered() == (("kit 0",), ("kit 1",), ("kit 2",))


def test_large_print_is_taken(rig: Rig) -> None:
    rig.queue.check(PrintOptions(Media.A3))
    handle = rig.queue.submit(job("large", "big", media=Media.A3))
    assert rig.follow(handle).state in GOOD_END
    assert rig.delivered() == (("big",),)


def test_a_job_is_found_by_its_name_after_a_restart(rig: Rig) -> None:
    handle = rig.queue.submit(job("lost", "page"))
    again = rig.reopen()
    found = again.find("lost")
    assert found is not None
    assert (found.name, found.reference) == (handle.name, handle.reference)
    rig.follow(handle)
    assert again.report(found).state in GOOD_END
    assert again.report(JobHandle("lost", handle.reference)).state in GOOD_END
    assert again.find("lost") is not None


def test_an_unknown_name_is_not_found(rig: Rig) -> None:
    assert rig.queue.find("never") is None
    rig.queue.submit(job("one", "page"))
    assert rig.queue.find("on") is None
    assert rig.queue.find("one.pdf") is None


def test_an_unknown_job_is_reported_unknown(rig: Rig) -> None:
    handle = rig.queue.submit(job("mine", "page"))
    for stranger in (
        JobHandle("never", "urn:uuid:0", 0),
        JobHandle("never", "urn:uuid:0", handle.number),
        JobHandle("mine", "urn:uuid:0", handle.number),
    ):
        assert rig.queue.report(stranger).state is JobState.UNKNOWN


def test_cancelling_what_ended_or_never_was_is_quiet(rig: Rig) -> None:
    handle = rig.queue.submit(job("done", "page"))
    rig.follow(handle)
    rig.queue.cancel(handle)
    rig.queue.cancel(JobHandle("never", "urn:uuid:0", 0))
    assert rig.queue.report(handle).state in GOOD_END


def held(name: str, *pages: str) -> Job:
    return Job(name, f"room/{name}.pdf", len(pages), writer(pages), PrintOptions(hold=True))


def test_a_held_job_waits_until_it_is_let_go(rig: Rig) -> None:
    options = PrintOptions(hold=True)
    if rig.queue.loses_nothing:
        for refused in (lambda: rig.queue.check(options), lambda: rig.queue.submit(held("h1", "held"))):
            with pytest.raises(OptionRefused) as said:
                refused()
            assert said.value.params["queue"] == rig.queue.name
            assert said.value.params["option"] == "job-hold-until"
        assert rig.delivered() == ()
        return
    rig.queue.check(options)
    first, second = (rig.queue.submit(held(name, name)) for name in ("h1", "h2"))
    assert rig.follow(rig.queue.submit(job("later", "later"))).state in GOOD_END
    for handle in (first, second):
        report = rig.reopen().report(handle)
        assert (report.state, report.began) == (JobState.HELD, False)
        assert HELD in report.reasons
    assert rig.delivered() == (("later",),), "what is held does not print"
    rig.queue.release(first)
    assert rig.follow(first).state in GOOD_END
    assert rig.queue.report(second).state is JobState.HELD
    rig.queue.cancel(second)
    left = rig.queue.report(second)
    assert (left.state, left.began) == (JobState.CANCELLED, False)
    assert rig.delivered() == (("later",), ("h1",))


def test_letting_go_what_is_not_held_is_quiet(rig: Rig) -> None:
    handle = rig.queue.submit(job("done", "page"))
    rig.follow(handle)
    rig.queue.release(handle)
    rig.queue.release(JobHandle("never", "urn:uuid:0", 0))
    assert rig.queue.report(handle).state in GOOD_END
    assert rig.delivered() == (("page",),)


class _WriterFailed(Exception):
    pass


def test_nothing_comes_of_a_document_that_cannot_be_written(rig: Rig) -> None:
    def write(out: BinaryIO) -> None:
        out.write(pdf(["half"] * 40)[:-200])
        raise _WriterFailed

    with pytest.raises(_WriterFailed):
        rig.queue.submit(Job("half", "room/half.pdf", 40, write))
    found = rig.queue.find("half")
    if found is not None:
        left = rig.queue.report(found)
        assert left.state in {JobState.CANCELLED, JobState.FAILED}
        assert not left.began
    assert rig.follow(rig.queue.submit(job("next", "whole"))).state in GOOD_END
    assert rig.delivered() == (("whole",),)


def test_no_plain_document_lies_about(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a document is on its way, no file of ours holds it but in the queue's own place."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = set(Path("/tmp").iterdir())
    secret = b"exam paper"
    seen: list[Path] = []

    def look() -> None:
        seen.extend(temporary.rglob("*"))
        files = [fd.resolve() for fd in Path("/proc/self/fd").iterdir()]
        files += set(Path("/tmp").iterdir()) - before
        ours = [file for file in files if file.is_file() and not file.is_relative_to(rig.folder)]
        seen.extend(file for file in ours if secret in file.read_bytes())

    def write(out: BinaryIO) -> None:
        content = pdf(["exam paper"] * 50)
        for start in range(0, len(content), 4096):
            out.write(content[start : start + 4096])
            look()

    handle = rig.queue.submit(Job("secret", "room/secret.pdf", 50, write))
    look()
    rig.follow(handle)
    look()
    assert seen == []
