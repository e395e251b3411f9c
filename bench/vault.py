"""Nothing lost, nothing readable: the vault's process killed at every step that it takes on the disk.

``python -m bench vault [--runs N] [--seed S]``. Each run is a process that works on a vault: puts items in,
removes some, changes who opens it, encrypts everything anew. Before, after or in the middle of one system
call (open, write, fsync, link, rename, unlink …), drawn by the seed, it ends by SIGKILL. Then another process
looks: what was acknowledged is there byte for byte, whatever opened it before still does, no file holds a
readable piece of what was put in, and the vault can be worked with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.common import print_result, print_table
from provision.ledger import Ledger
from provision.safe import Safe
from provision.secret import Secret
from provision.vault import Kind, OpenVault, Vault, keys, passphrase
from provision.vault.errors import RecoveryRefused, VaultError, VaultLocked
from provision.vault.words import _encode

CALLS = ("open", "write", "pwrite", "fsync", "link", "rename", "unlink", "mkdir")
CANARY = b"CANARY-PLAINTEXT-7301"
NAME = "CANARY-NAME"
OLD, NEW = Secret("CANARY old passphrase"), Secret("CANARY new passphrase")
PHRASE_EVERY, CREATE_EVERY = 3, 20
"""One run of so many changes a passphrase; one makes a vault."""
passphrase.LOG_N = 10
"""What a guess costs is not measured here."""


@dataclass(slots=True)
class Found:
    """What came of a run."""

    at: str
    lost: list[str] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)


class Killer:
    """Counts the process's calls, and kills it at one of them."""

    def __init__(self, at: int, way: str, told: int) -> None:
        """``at``: which call, 0 for none; ``way``: before, after, within; ``told``: where to say at which."""
        self.at, self.way, self.told, self.count = at, way, told, 0
        for name in CALLS:
            setattr(os, name, self._around(name, getattr(os, name)))

    def _around(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            if args and args[0] == self.told:
                return real(*args, **kwargs)
            self.count += 1
            if self.count != self.at:
                return real(*args, **kwargs)
            way = self.way if name in {"write", "pwrite"} or self.way == "before" else "after"
            if way == "within":
                data = bytes(args[1])  # type: ignore[call-overload]
                real(args[0], data[: len(data) // 2], *args[2:])
            elif way == "after":
                real(*args, **kwargs)
            self._say({"killed": f"{way} {name}"})
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError

        return call

    def _say(self, what: object) -> None:
        os.write(self.told, json.dumps(what).encode() + b"\n")

    def say(self, **what: object) -> None:
        """For the process that looks: begun, or acknowledged."""
        self._say(what)


def content(seed: str) -> bytes:
    """An item's: the canary at its beginning, its end, and around the borders of pieces."""
    rng = random.Random(seed)
    size = rng.choice((0, 10, 500, 70_000, 300_000))
    return CANARY + rng.randbytes(size) + CANARY


def work(folder: Path, seed: int, paper: Secret | None, killer: Killer) -> None:
    """What a run does; the same calls for the same seed."""
    rng = random.Random(f"work/{seed}")
    state = folder / "state"
    if paper is None:
        killer.say(begun="create")
        Vault.create(state / "vault", "specialist", OLD)
        killer.say(done="create")
        return
    opened: OpenVault = Vault(state / "vault").open_by_paper(paper)
    safe = Safe(Vault(state / "vault"), Ledger(state), "bench")
    mine: list[str] = []
    kinds = ["put", "put", "put", "remove", "rotate", "paper", "dismiss"]
    steps = [rng.choice(kinds) for _step in range(rng.randint(2, 5))]
    if seed % PHRASE_EVERY == 1:
        steps.insert(rng.randint(0, len(steps)), rng.choice(("phrase", "admit")))
    for number, step in enumerate(["put", *steps]):
        key = f"{seed}/{number}"
        if step == "put":
            killer.say(begun="put", key=key)
            item = safe.put_bytes(f"{NAME}/{key}", Kind.OTHER, content(key))
            mine.append(item.id)
            killer.say(done="put", key=key)
        elif step == "remove" and mine:
            item_id = mine.pop(rng.randrange(len(mine)))
            name = opened.item(item_id).name
            killer.say(begun="remove", key=name.removeprefix(f"{NAME}/"))
            safe.remove(item_id)
            killer.say(done="remove", key=name.removeprefix(f"{NAME}/"))
        elif step == "rotate":
            killer.say(begun="rotate")
            opened = safe.rotate(opened)
            killer.say(done="rotate")
        elif step == "paper":
            killer.say(begun="paper")
            real, keys.age.new_key = keys.age.new_key, lambda: Secret(next_paper(seed))  # type: ignore[attr-defined]
            opened, _paper = opened.new_paper()
            keys.age.new_key = real  # type: ignore[attr-defined]
            killer.say(done="paper")
        elif step == "phrase":
            killer.say(begun="phrase")
            opened.change_phrase("specialist", OLD, NEW)
            killer.say(done="phrase")
        elif step == "admit":
            killer.say(begun="phrase")
            opened = opened.admit("specialist", NEW)
            killer.say(done="phrase")


def next_paper(seed: int) -> str:
    """A recovery key that the process that looks knows too."""
    return _encode(hashlib.sha256(f"paper/{seed}".encode()).digest())


def child(
    folder: Path, seed: int, paper: Secret | None, at: int, way: str
) -> tuple[list[dict[str, str]], int]:
    """Run it in a process of its own; what it said, and how many calls it made (0 when killed)."""
    reading, told = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        os.close(reading)
        code = 1
        try:
            killer = Killer(at, way, told)
            work(folder, seed, paper, killer)
            killer.say(calls=str(killer.count))
            code = 0
        except BaseException:  # noqa: BLE001 - told by whoever waits for this process
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(told)
    with os.fdopen(reading, "rb") as file:
        said = [json.loads(line) for line in file.read().splitlines()]
    _pid, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if at and not killed:
        sys.exit(f"seed {seed}: the process was not killed but ended with {status}: {said[-1:]}")
    if not at and status:
        sys.exit(f"seed {seed}: the process failed without being killed: {status}")
    return said, next((int(one["calls"]) for one in said if "calls" in one), 0)


def look(folder: Path, seed: int, paper: Secret | None, said: list[dict[str, str]]) -> Found:
    """What the killed process left behind."""
    found = Found(next(one["killed"] for one in said if "killed" in one))
    begun = [one for one in said if "begun" in one]
    done = [one for one in said if "done" in one]
    under_way = begun[-1] if len(begun) > len(done) else {}
    state = folder / "state"
    found.readable += [
        path.name
        for path in state.rglob("*")
        if b"CANARY" in path.name.encode() or (path.is_file() and b"CANARY" in path.read_bytes())
    ]
    if paper is None:
        _look_at_made(state, found, made=bool(done))
        return found
    try:
        opened = _open(state, seed, paper, done, under_way)
        _look_inside(state, opened, done, under_way, found)
        if any(one.get("begun") == "phrase" for one in begun):
            _look_at_phrase(state, found, {one["done"] for one in done}, under_way)
    except VaultError as error:
        found.half.append(f"{error.code}: {error}")
    return found


def _open(
    state: Path, seed: int, paper: Secret, done: list[dict[str, str]], under_way: dict[str, str]
) -> OpenVault:
    """By the sheet that is valid; one under way may be or not."""
    vault = Vault(state / "vault")
    newer = Secret(next_paper(seed))
    if any(one["done"] == "paper" for one in done):
        return vault.open_by_paper(newer)
    try:
        return vault.open_by_paper(paper)
    except RecoveryRefused:
        if under_way.get("begun") != "paper":
            raise
        return vault.open_by_paper(newer)


def _look_inside(
    state: Path, opened: OpenVault, done: list[dict[str, str]], under_way: dict[str, str], found: Found
) -> None:
    wanted = {one["key"] for one in done if one["done"] == "put"}
    wanted -= {one["key"] for one in done if one["done"] == "remove"}
    unsure = {under_way["key"]} if "key" in under_way else set()
    there = {item.name.removeprefix(f"{NAME}/"): item for item in opened.items()}
    for key in wanted - unsure:
        if key not in there or opened.take_bytes(there[key]) != content(key):
            found.lost.append(key)
    found.half += [f"damaged {item_id}" for item_id in opened.damaged()]
    found.half += [f"half {key}" for key, item in there.items() if opened.take_bytes(item) != content(key)]
    found.half += [f"undead {key}" for key in set(there) - wanted - unsure]
    safe = Safe(Vault(state / "vault"), Ledger(state), "bench")
    standing = safe.standing(deep=True)
    if standing.missing or (standing.changed and under_way.get("begun") != "rotate"):
        found.half.append(f"the record accuses: {standing}")
    # and it can be worked with: what is left over goes, everything is encrypted anew, an item comes and goes
    opened.clear_parts()
    opened = safe.rotate(opened)
    if not safe.standing(deep=True).sound or [*(state / "vault/parts").iterdir()]:
        found.half.append("not sound after a rotation")
    item = safe.put_bytes("after", Kind.OTHER, b"after")
    if opened.take_bytes(item) != b"after" or len(opened.items()) != len(there) + 1:
        found.half.append("cannot be worked with")


def _look_at_phrase(state: Path, found: Found, done: set[str], under_way: dict[str, str]) -> None:
    """One of the two passphrases opens it, and a change that was acknowledged holds."""
    vault = Vault(state / "vault")
    tries = (NEW,) if "phrase" in done else (OLD, NEW) if under_way.get("begun") == "phrase" else (OLD,)
    for phrase in tries:
        try:
            vault.open("specialist", phrase)
        except VaultLocked:
            continue
        return
    found.lost.append("the passphrase")


def _look_at_made(state: Path, found: Found, *, made: bool) -> None:
    """A vault that is there opens; one that is not can be made."""
    try:
        if not keys.exists(state / "vault"):
            if made:
                found.lost.append("the vault")
            Vault.create(state / "vault", "specialist", OLD)
        Vault(state / "vault").open("specialist", OLD).put_bytes("after", Kind.OTHER, b"")
    except VaultError as error:
        found.half.append(f"{error.code}: {error}")


def runs(count: int, seed: int, folder: Path) -> Iterator[Found]:
    """Run after run."""
    template = folder / "template"
    template.mkdir()
    _vault, paper = Vault.create(template / "vault", "specialist", OLD)
    for number in range(seed, seed + count):
        rng = random.Random(f"kill/{number}")
        sheet = None if number % CREATE_EVERY == 2 else paper
        for attempt in ("count", "kill"):
            here = folder / "run"
            shutil.rmtree(here, ignore_errors=True)
            (here / "state").mkdir(parents=True, mode=0o700)
            if sheet is not None:
                shutil.copytree(template / "vault", here / "state/vault")
            if attempt == "count":
                _said, calls = child(here, number, sheet, 0, "")
                continue
            at, way = rng.randint(1, calls), rng.choice(("before", "after", "within"))
            said, _calls = child(here, number, sheet, at, way)
            yield look(here, number, sheet, said)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="vault", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(sys.argv[2:])
    began = time.monotonic()
    points: Counter[str] = Counter()
    kills = lost = readable = half = 0
    with tempfile.TemporaryDirectory(prefix="vpr-vault-") as folder:
        for number, found in enumerate(runs(options.runs, options.seed, Path(folder)), options.seed):
            kills += 1
            points[found.at] += 1
            lost, readable, half = (
                lost + len(found.lost),
                readable + len(found.readable),
                half + bool(found.half),
            )
            for word, what in (("lost", found.lost), ("readable", found.readable), ("half", found.half)):
                if what:
                    print(f"seed {number}, {found.at}: {word}: {what}", file=sys.stderr)
    rows = [[point, str(count)] for point, count in sorted(points.items())]
    print_table(["killed", "times"], rows)
    result = {"kills": kills, "lost": lost, "readable": readable, "half": half}
    print_result({**result, "seconds": round(time.monotonic() - began)})
    if lost or readable or half:
        sys.exit(1)
