"""The ledger's tables, and the migrations that lead to them.

One table of events, each with the hash of the one before. SQLAlchemy Core only, so that the same code
serves SQLite in a school and PostgreSQL for many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

metadata = sa.MetaData()

EVENTS = sa.Table(
    "event",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False, index=True),
    sa.Column("subject", sa.String(200), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("before", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

VERSION = sa.Table("schema_version", metadata, sa.Column("version", sa.Integer, nullable=False))


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, there and back."""

    version: int
    up: Callable[[sa.Connection], None]
    down: Callable[[sa.Connection], None]


_SEAL = {
    "event_no_update": "BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "event_no_delete": "BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
}


def _create(connection: sa.Connection) -> None:
    EVENTS.create(connection)


def _drop(connection: sa.Connection) -> None:
    EVENTS.drop(connection)


def _seal(connection: sa.Connection) -> None:
    """Slips of the hand fail at once; what is done on purpose, the chain of hashes shows."""
    if connection.dialect.name == "sqlite":
        for name, body in _SEAL.items():
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {body}")


def _unseal(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        for name in _SEAL:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


MIGRATIONS = (Migration(1, _create, _drop), Migration(2, _seal, _unseal))
"""In order; the last one's version is the schema this program writes."""

NEWEST = MIGRATIONS[-1].version


def version_of(connection: sa.Connection) -> int:
    """The schema version of the database; 0 when it is empty."""
    if not sa.inspect(connection).has_table(VERSION.name):
        return 0
    return int(connection.scalar(sa.select(VERSION.c.version)) or 0)


def migrate(connection: sa.Connection, target: int = NEWEST) -> None:
    """Bring the schema up or down to ``target`` inside the connection's transaction."""
    VERSION.create(connection, checkfirst=True)
    current = version_of(connection)
    for step in MIGRATIONS:
        if current < step.version <= target:
            step.up(connection)
    for step in reversed(MIGRATIONS):
        if target < step.version <= current:
            step.down(connection)
    connection.execute(sa.delete(VERSION))
    connection.execute(sa.insert(VERSION).values(version=target))
