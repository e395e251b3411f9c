"""A folder as a queue: each job becomes a PDF, for rehearsal, or for printing by hand.

How a job becomes a file, so that a crash at any instant leaves either nothing or all of it:

1. the document is written to ``.jobs/NAME.part``, synced, read back and compared;
2. ``.jobs/NAME`` records path, size and SHA-256, synced;
3. the document is linked to its path (a link never replaces a file), synced;
4. the temporary name is removed.

A job is accepted exactly when its record is there and the file at its path is what the record says.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from printing.errors import N_, FolderRefused, OptionRefused
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions
from printing.queues.facts import Contact, Counter, PrinterFacts
from printing.queues.spool import Ended, SpoolReport

_JOBS = ".jobs"
_PART = ".part"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Record:
    """What ``.jobs/NAME`` says of a job's file; ``path`` is relative to the queue's folder."""

    path: str
    size: int
    sha256: str


class _Hashing(io.BufferedWriter):
    """A file that knows size and digest of what was written to it, before the disk had its say."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw, _CHUNK)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: Any) -> int:
        self._digest.update(data)
        written = super().write(data)
        self._size += written
        return written

    def seekable(self) -> bool:
        """Never: what was written once is what counts, as on the way to a print server."""
        return False

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation

    def record(self, path: str) -> _Record:
        return _Record(path, self._size, self._digest.hexdigest())


class FolderQueue:
    """PDFs in ``root``, mode 0600, in folders of mode 0700, named by their jobs' paths.

    Jobs are STORED at once or not accepted at all. One process writes at a time; others wait.
    """

    loses_nothing = True

    def __init__(self, root: Path, name: str) -> None:
        """Name the folder; it is created by the first job."""
        self._root = root
        self._name = name
        self._jobs = root / _JOBS

    @property
    def name(self) -> str:
        """The queue's name, for people."""
        return self._name

    def check(self, options: PrintOptions) -> None:
        """Paper of any kind is only a name to a folder, but it holds no job back (OptionRefused).

        FolderRefused: nothing can be written there."""
        self._refuse_hold(options)
        with self._writing():
            pass

    def submit(self, job: Job) -> JobHandle:
        """Write the job's file, or raise and leave none. A job that is there already stays as it is.

        FolderRefused: the disk is full, rights are missing, the path leads outside, or another file is there.
        """
        self._refuse_hold(job.options)
        path = self._safe(job)
        with self._writing():
            known = self.find(job.name)
            if known is not None:
                return known
            final = self._root / path
            if os.path.lexists(final):
                raise FolderRefused(
                    N_("queue '{queue}': '{path}' is there already"), queue=self._name, path=path
                )
            part = self._jobs / (job.name + _PART)
            try:
                record = _write_new(part, job, path)
                _read_back(part, record)
                _write_synced(self._jobs / job.name, json.dumps(asdict(record)).encode())
                _make_folders(final.parent)
                _publish(part, final)
            finally:
                part.unlink(missing_ok=True)
        return JobHandle(job.name, path)

    def report(self, handle: JobHandle) -> JobReport:
        """STORED when the file is there, whole; UNKNOWN otherwise."""
        found = self.find(handle.name)
        known = found is not None and handle.reference in {"", found.reference}
        return JobReport(JobState.STORED if known else JobState.UNKNOWN)

    def find(self, name: str) -> JobHandle | None:
        """The job of that name, if its file is there and is, byte for byte, what was handed over."""
        if not _NAME.fullmatch(name):
            return None
        try:
            record = _Record(**json.loads((self._jobs / name).read_bytes()))
            _read_back(self._root / record.path, record)
        except (OSError, ValueError, TypeError):
            return None
        return JobHandle(name, record.path)

    def release(self, handle: JobHandle) -> None:
        """Nothing: no job is held."""

    def cancel(self, handle: JobHandle) -> None:
        """Nothing: every job that is there has ended."""

    def facts(self) -> PrinterFacts:
        """A folder has nothing that can fail to print: what a job's ticket says is kept in the PDF."""
        return PrinterFacts(
            "", Contact.NOT_ASKED, stopped=False, accepting=True, reasons=(), offered={}, lacking=()
        )

    def counter(self) -> Counter | None:
        """None: files are read back instead."""
        return None

    def purge(self, ended: Collection[Ended]) -> None:
        """Nothing: the files are what was asked for, and lie nowhere else."""

    def spool(self, ours: Collection[str]) -> SpoolReport:
        """Nothing lies on the way."""
        del ours
        return SpoolReport()

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _refuse_hold(self, options: PrintOptions) -> None:
        if options.hold:
            raise OptionRefused(
                N_("queue '{queue}' is a folder and holds nothing back: {option}={wanted}"),
                queue=self._name,
                option="job-hold-until",
                wanted="indefinite",
            )

    def _safe(self, job: Job) -> str:
        path = PurePosixPath(job.path)
        parts = path.parts
        plain = all(not part.startswith(".") and "\\" not in part and part.isprintable() for part in parts)
        if not _NAME.fullmatch(job.name) or not parts or path.is_absolute() or not plain:
            raise FolderRefused(
                N_("queue '{queue}': '{path}' is no path inside the folder"), queue=self._name, path=job.path
            )
        return str(path)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone in the folder, which is there and free of what an interrupted run left behind."""
        try:
            _make_folders(self._jobs)
            lock = os.open(self._jobs / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for part in self._jobs.glob("*" + _PART):
                    part.unlink()
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise FolderRefused(
                N_("queue '{queue}' cannot write to its folder: {reason}"),
                queue=self._name,
                reason=error.strerror or type(error).__name__,
            ) from error


def _make_folders(folder: Path) -> None:
    """Create what is missing of ``folder``, each part private and its name durable."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync(folder.parent)


def _write_new(part: Path, job: Job, path: str) -> _Record:
    """Write the document to a file that did not exist; returns what was written."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with io.FileIO(descriptor, "wb") as raw, _Hashing(raw) as out:
        job.write(cast("BinaryIO", out))
        out.flush()
        os.fsync(raw.fileno())
        # What is read back shall come from the disk, not from memory.
        os.posix_fadvise(raw.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return out.record(path)


def _publish(part: Path, final: Path) -> None:
    """Give the document its name, durably; FileExistsError when the name is taken."""
    os.link(part, final)
    try:
        _sync(final.parent)
    except OSError:
        final.unlink()
        raise


def _write_synced(target: Path, content: bytes) -> None:
    """Replace ``target`` by ``content``, all or nothing."""
    new = target.with_name(target.name + ".record" + _PART)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with io.FileIO(descriptor, "wb") as raw:
        raw.write(content)
        os.fsync(raw.fileno())
    new.replace(target)
    _sync(target.parent)


def _read_back(file: Path, record: _Record) -> None:
    """OSError unless ``file`` holds what the record says."""
    with file.open("rb") as stored:
        digest = hashlib.file_digest(stored, "sha256").hexdigest()
        size = stored.tell()
    if (size, digest) != (record.size, record.sha256):
        raise OSError(0, "the file does not hold what was written")


def _sync(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
