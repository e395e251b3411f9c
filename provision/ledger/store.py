"""The ledger: what was done, in the order it was done, never changed.

Every event carries the SHA-256 over the one before and itself, so that a change, a gap or an exchange is
seen by :meth:`Ledger.verify`. The number and hash of the last event also stand in a file of their own, so
that a tail cut off is seen too. No pupils' names, codes or secrets go in: callers pass keyed hashes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from provision.errors import N_, Phrase, ProvisionError
from provision.ledger.schema import EVENTS, NEWEST, migrate, version_of
from provision.system import reason

GENESIS = "0" * 64
"""Stands for the hash before the first event."""
BUSY_SECONDS = 30
"""How long a writer waits for another; writes take milliseconds."""


class LedgerDamaged(ProvisionError):
    """The chain of events is broken."""

    code = "ledger-damaged"
    remedy = N_(
        "Do not print. Keep the folder .provision as it is and bring back its last backup, or ask for help."
    )


class LedgerUnusable(ProvisionError):
    """The ledger cannot be read or written just now; what it holds is whole."""

    code = "ledger-unusable"
    remedy = N_("Put that right, then run the same command again: nothing that was recorded is lost.")


class LedgerTooNew(ProvisionError):
    """The ledger was written by a newer version of this program."""

    code = "ledger-too-new"
    remedy = N_("Install the newer version of this program again.")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``at`` is UTC in ISO 8601; ``body`` is JSON data."""

    seq: int
    at: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be written."""

    kind: str
    subject: str
    body: Mapping[str, object]


def event_hash(before: str, seq: int, at: str, kind: str, subject: str, body: str) -> str:
    """SHA-256 over the hash before and the event's fields as canonical JSON."""
    text = json.dumps([before, seq, at, kind, subject, body], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """One site's ledger. Safe to use from several threads; writers of other processes wait their turn."""

    def __init__(self, folder: Path, clock: Callable[[], dt.datetime] | None = None) -> None:
        """Open the ledger in ``folder`` (0700), creating or migrating it. Raises LedgerTooNew."""
        self._path = folder / "ledger.sqlite3"
        self._head = folder / "ledger.head"
        self._clock = clock or (lambda: dt.datetime.now(dt.UTC))
        self._lock = threading.Lock()
        self._engine = _engine(self._path)
        try:
            with self._faults(), self._lock:
                _create(self._path)
                self._bring_up_to_date()
        except BaseException:
            self.close()
            raise

    def _bring_up_to_date(self) -> None:
        with self._engine.begin() as connection:
            current = version_of(connection)
            if current > NEWEST:
                raise LedgerTooNew(
                    N_("the ledger has version {found}, this program knows {known}"),
                    found=current,
                    known=NEWEST,
                )
            if current < NEWEST:
                migrate(connection)

    def append(self, *drafts: Draft) -> None:
        """Write events, all or none; returns when they are on disk."""
        if not drafts:
            return
        with self._faults(), self._lock:
            with self._engine.begin() as connection:
                seq, before = _last(connection)
                for draft in drafts:
                    seq += 1
                    at = self._clock().astimezone(dt.UTC).isoformat(timespec="milliseconds")
                    body = json.dumps(draft.body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
                    digest = event_hash(before, seq, at, draft.kind, draft.subject, body)
                    connection.execute(
                        sa.insert(EVENTS).values(
                            seq=seq,
                            at=at,
                            kind=draft.kind,
                            subject=draft.subject,
                            body=body,
                            before=before,
                            hash=digest,
                        )
                    )
                    before = digest
            self._write_head(seq, before)

    def events(self, kinds: Sequence[str] = ()) -> Iterator[Event]:
        """The events in order, all or of the given kinds. Never waits for a writer."""
        query = sa.select(EVENTS).order_by(EVENTS.c.seq)
        if kinds:
            query = query.where(EVENTS.c.kind.in_(kinds))
        with self._faults(), self._reading() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            yield Event(row.seq, row.at, row.kind, row.subject, json.loads(row.body), row.hash)

    def verify(self) -> tuple[int, str]:
        """Recompute the chain. Returns the number of events and the last hash; raises LedgerDamaged."""
        count, before = 0, GENESIS
        with self._faults(), self._reading() as connection:
            rows = connection.execute(sa.select(EVENTS).order_by(EVENTS.c.seq)).all()
        for row in rows:
            count += 1
            digest = event_hash(before, row.seq, row.at, row.kind, row.subject, row.body)
            if row.seq != count or row.before != before or row.hash != digest:
                raise LedgerDamaged(N_("the ledger's event {seq} is not the one that was written"), seq=count)
            before = digest
        hashes = [row.hash for row in rows]
        noted_count, noted_hash = self._read_head()
        if noted_count > count or (noted_count and hashes[noted_count - 1] != noted_hash):
            raise LedgerDamaged(
                N_("the ledger ends at event {found}, but {noted} events were written"),
                found=count,
                noted=noted_count,
            )
        return count, before

    def last(self) -> int:
        """The number of the last event; 0 when there is none."""
        with self._reading() as connection:
            return _last(connection)[0]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Tell what database and disk have to say. Raises LedgerDamaged and LedgerUnusable."""
        try:
            yield
        except OSError as error:
            raise self._unusable(reason(error)) from None
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raw = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            number = getattr(raw, "sqlite_errorcode", 0) & 0xFF  # the rest of the number is detail
            if number in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise LedgerDamaged(N_("the file {name} is damaged"), name=self._path.name) from None
            known = _FAULTS.get(number)
            fault = Phrase(known, {}) if known else Phrase(_FAULT, {"number": number})
            raise self._unusable(fault) from None

    def _unusable(self, fault: Phrase) -> LedgerUnusable:
        return LedgerUnusable(N_("the record {file} cannot be used: {reason}"), file=self._path, reason=fault)

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(reader=True)

    def _write_head(self, seq: int, digest: str) -> None:
        """After the commit, never before: a head that lags is harmless, one that leads would accuse."""
        # Other processes write theirs at this moment: under one name they would take it from each other.
        fresh = self._head.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{seq} {digest}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._head)

    def _read_head(self) -> tuple[int, str]:
        try:
            seq, digest = self._head.read_text().split()
            return int(seq), digest
        except FileNotFoundError:
            return 0, GENESIS
        except ValueError:
            raise LedgerDamaged(N_("the file {name} is damaged"), name=self._head.name) from None


_FAULT = N_("database error {number}")
_FAULTS = {
    sqlite3.SQLITE_BUSY: N_("another program holds it"),
    sqlite3.SQLITE_LOCKED: N_("another program holds it"),
    sqlite3.SQLITE_FULL: N_("the disk is full"),
    sqlite3.SQLITE_READONLY: N_("it is write-protected"),
    sqlite3.SQLITE_PERM: N_("no rights to this file or folder"),
    sqlite3.SQLITE_CANTOPEN: N_("no rights to this file or folder"),
    sqlite3.SQLITE_IOERR: N_("the disk is full, does not answer, or is damaged"),
}


def _create(path: Path) -> None:
    """The file, open to its owner alone, unless it is there.

    One that is there is never opened: to close it would let go of the locks that SQLite holds on it elsewhere
    in this process (https://www.sqlite.org/howtocorrupt.html, 2.2), and what is written then could be lost.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _last(connection: sa.Connection) -> tuple[int, str]:
    row = connection.execute(
        sa.select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)
    ).first()
    return (row.seq, row.hash) if row is not None else (0, GENESIS)


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's advice: let us begin transactions ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # engine.begin() is only used to write; IMMEDIATE takes the writer's place at once, so that
        # two processes cannot both read the last hash. Readers get a snapshot and never block.
        writing = connection.get_execution_options().get("reader") is None
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
