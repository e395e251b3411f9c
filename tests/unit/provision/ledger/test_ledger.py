"""The ledger: durable, chained, tamper-evident, shared by readers and writers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.ledger import (
    Draft,
    Event,
    Ledger,
    LedgerDamaged,
    LedgerTooNew,
    LedgerUnusable,
    Refs,
    assignments,
    store,
)
from provision.ledger.schema import EVENTS, MIGRATIONS, migrate, version_of
from provision.plan import Assignment


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path)) as made:
        made.append(*(Draft("note", f"s{n}", {"n": n}) for n in range(5)))
        yield made


def unsealed(folder: Path) -> sqlite3.Connection:
    """The database as a tamperer opens it, guards taken off."""
    connection = sqlite3.connect(folder / "ledger.sqlite3")
    connection.execute("DROP TRIGGER event_no_update")
    connection.execute("DROP TRIGGER event_no_delete")
    return connection


def test_what_is_written_is_read_in_order(ledger: Ledger) -> None:
    assert [(e.seq, e.subject, e.body["n"]) for e in ledger.events()] == [
        (n + 1, f"s{n}", n) for n in range(5)
    ]
    assert ledger.verify()[0] == 5


def test_files_are_the_owners_alone(ledger: Ledger, tmp_path: Path) -> None:
    Refs.of_site(tmp_path, fresh=True)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_the_database_refuses_changes(ledger: Ledger, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "ledger.sqlite3")
    for statement in ("UPDATE event SET body='{}' WHERE seq=2", "DELETE FROM event WHERE seq=2"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("column", ["at", "kind", "subject", "body", "before", "hash"])
def test_any_changed_column_is_noticed(ledger: Ledger, tmp_path: Path, column: str) -> None:
    connection = unsealed(tmp_path)
    connection.execute(f"UPDATE event SET \"{column}\"='x' WHERE seq=3")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerDamaged) as caught:
        ledger.verify()
    assert caught.value.params == {"seq": 3}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event WHERE seq=2",
        "DELETE FROM event WHERE seq=5",
        "DELETE FROM event",
        "UPDATE event SET seq=9 WHERE seq=5",
    ],
)
def test_gaps_and_a_tail_cut_off_are_noticed(ledger: Ledger, tmp_path: Path, statement: str) -> None:
    connection = unsealed(tmp_path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(LedgerDamaged):
        ledger.verify()


def test_a_missing_head_is_no_accusation_but_a_damaged_one_is(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger.head").unlink()
    assert ledger.verify()[0] == 5
    (tmp_path / "ledger.head").write_text("what")
    with pytest.raises(LedgerDamaged):
        ledger.verify()


def test_all_or_none_of_several(ledger: Ledger) -> None:
    with pytest.raises(TypeError):
        ledger.append(Draft("note", "good", {}), Draft("note", "bad", {"x": object()}))
    assert ledger.verify()[0] == 5


def test_a_newer_ledger_is_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "ledger.sqlite3")
    connection.execute("UPDATE schema_version SET version=99")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerTooNew):
        Ledger(tmp_path)


@pytest.mark.parametrize("step", MIGRATIONS, ids=lambda step: str(step.version))
def test_every_migration_goes_up_and_down(step: object, tmp_path: Path) -> None:
    version = step.version  # type: ignore[attr-defined]
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")

    def objects() -> set[str]:
        with engine.connect() as connection:
            return {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master")}

    with engine.begin() as connection:
        migrate(connection, version - 1)
    before = objects()
    with engine.begin() as connection:
        migrate(connection, version)
    assert objects() > before
    with engine.begin() as connection:
        migrate(connection, version - 1)
        assert version_of(connection) == version - 1
    assert objects() == before
    engine.dispose()


def test_a_migration_keeps_the_events(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    with engine.begin() as connection:
        migrate(connection, 1)
        row = {"seq": 1, "at": "", "kind": "k", "subject": "s", "body": "{}", "before": "", "hash": ""}
        connection.execute(sa.insert(EVENTS).values(row))
    engine.dispose()
    with closing(Ledger(tmp_path)) as ledger:
        assert [e.subject for e in ledger.events()] == ["s"]


def _write_many(folder: Path, name: str, count: int) -> None:
    with closing(Ledger(folder)) as ledger:
        for n in range(count):
            ledger.append(Draft("note", f"{name}{n}", {}))


def test_writers_of_several_processes_keep_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(tmp_path, name, 20)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    with closing(Ledger(tmp_path)) as ledger:
        assert ledger.verify()[0] == 60


def test_readers_do_not_wait_for_a_writer(ledger: Ledger, tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert len(list(ledger.events())) == 5
    writer.execute("ROLLBACK")
    writer.close()


def test_a_killed_writer_loses_nothing_that_was_told(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        ledger = Ledger(tmp_path)
        for n in range(10_000):
            ledger.append(Draft("note", str(n), {}))
            os.write(write, b".")
        os._exit(0)
    told = len(os.read(read, 25))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(write)
    while chunk := os.read(read, 65536):
        told += len(chunk)
    os.close(read)
    with closing(Ledger(tmp_path)) as ledger:
        count, _ = ledger.verify()
    assert told <= count <= told + 1


@given(text=st.text(), n=st.integers(-(2**53), 2**53))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives(tmp_path: Path, text: str, n: int) -> None:
    ledger = Ledger(tmp_path)
    clean = text.encode("utf-8", "ignore").decode().replace("\0", "")
    ledger.append(Draft("note", "any", {"text": clean, "n": n}))
    assert list(ledger.events())[-1].body == {"text": clean, "n": n}
    ledger.verify()
    ledger.close()


def test_refs_are_stable_keyed_and_tell_nothing(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    refs = Refs.of_site(one, fresh=True)
    assert refs.pupil("7А", "Ёлкин Пётр") == Refs.of_site(one, fresh=False).pupil("7А", "елкин Петр")
    assert refs.code("10001") != Refs.of_site(two, fresh=True).code("10001")
    assert len({refs.code("7А"), refs.pupil("7А", ""), refs.pupil("", "7А")}) == 3


def test_assignments_and_seed_come_back(ledger: Ledger) -> None:
    made = Assignment("ma-7a", "ref", "201", "1А", "code-ref", "1", 1, "201-01")
    assignments.record(ledger, [made])
    assert assignments.recorded(ledger) == (made,)
    assert assignments.seed(ledger) == assignments.seed(ledger)


@pytest.mark.parametrize("key", [None, b"", b"k" * 31])
def test_a_lost_or_cut_key_is_told_before_everybody_becomes_a_stranger(
    tmp_path: Path, key: bytes | None
) -> None:
    Refs.of_site(tmp_path, fresh=True)
    (tmp_path / "key").unlink()
    if key is not None:
        (tmp_path / "key").write_bytes(key)
    with pytest.raises(LedgerDamaged):
        Refs.of_site(tmp_path, fresh=False)
    assert not (tmp_path / "key").exists() or (tmp_path / "key").read_bytes() == key


def test_two_that_draw_the_seed_at_once_have_the_same(ledger: Ledger, tmp_path: Path) -> None:
    class Late(Ledger):
        """Sees the ledger as it was before the other one drew."""

        looks = 0

        def events(self, kinds: Sequence[str] = ()) -> Iterator[Event]:
            self.looks += 1
            return iter(()) if self.looks == 1 else super().events(kinds)

    first = assignments.seed(ledger)
    late = Late(tmp_path)
    assert assignments.seed(late) == first
    late.close()


@pytest.mark.parametrize("spoil", ["not a database", "torn"])
def test_a_spoilt_file_is_called_damaged(ledger: Ledger, tmp_path: Path, spoil: str) -> None:
    ledger.close()
    path = tmp_path / "ledger.sqlite3"
    data = path.read_bytes()
    path.write_bytes(b"x" * 5000 if spoil == "not a database" else data[:4096] + b"\xff" * (len(data) - 4096))
    with pytest.raises(LedgerDamaged), closing(Ledger(tmp_path)) as spoilt:
        spoilt.verify()


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: no root is needed for it."""
    script = f"""
import pathlib, resource
from provision.ledger import Draft, Ledger, LedgerUnusable
ledger = Ledger(pathlib.Path({str(tmp_path)!r}))
ledger.append(Draft("note", "s", {{}}))
size = max(path.stat().st_size for path in pathlib.Path({str(tmp_path)!r}).iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, size + 4096))
try:
    for _ in range(1000):
        ledger.append(Draft("note", "s", {{"text": "x" * 1000}}))
except LedgerUnusable as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "the disk" in done.stdout, done.stdout + done.stderr
    with closing(Ledger(tmp_path)) as ledger:
        assert ledger.verify()[0] >= 1


def test_a_ledger_that_another_program_holds_is_told(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(tmp_path / "ledger.sqlite3")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnusable, match="another program holds it"):
        Ledger(tmp_path)
    holder.close()


def test_opened_twice_in_one_process_it_loses_nothing_when_another_process_ends(
    ledger: Ledger, tmp_path: Path
) -> None:
    # To open and close the file a second time would drop this process's locks on it: the other process would
    # then take itself for the last one, remove the write-ahead log, and what is appended next would be lost.
    code = (
        "import sys; from pathlib import Path; from provision.ledger import Draft, Ledger;"
        "one = Ledger(Path(sys.argv[1])); one.append(Draft('note', 'theirs', {})); one.close()"
    )
    with closing(Ledger(tmp_path)):
        subprocess.run([sys.executable, "-c", code, tmp_path], check=True, timeout=60)
    ledger.append(Draft("note", "ours", {}))
    ledger.close()
    with closing(Ledger(tmp_path)) as again:
        assert [event.subject for event in again.events()][-2:] == ["theirs", "ours"]
        assert again.verify()[0] == 7
