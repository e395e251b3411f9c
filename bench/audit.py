"""Leaks and look-alikes planted on invented computers: which does the audit miss, which does it invent?"""

from __future__ import annotations

import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.common import print_result, print_table
from bench.leaks.decoys import plant_decoys
from bench.leaks.plants import PLANTS, Planted, plant_leaks
from bench.leaks.tree import Materials, Tree, clean_tree, materials
from provision.audit.gather import Gathered, gather
from provision.audit.machine import machine_at
from provision.audit.model import Finding, Outcome, Report
from provision.audit.whole import Subject, audit
from provision.example.build import build
from provision.site.site import open_site

SEEDS = int(os.environ.get("SEEDS", "24"))
LEAKS = 40


@dataclass(frozen=True, slots=True)
class School:
    """What leaks, and what the audit knows of it."""

    found: Materials
    gathered: Gathered


def school(folder: Path) -> School:
    """The example school, built and read once."""
    build(folder / "school")
    (folder / "keys").mkdir()
    site = open_site(folder / "school")
    return School(materials(site, folder / "keys"), gather(site, {}))


def look(tree: Tree, gathered: Gathered) -> Report:
    """The audit of a tree."""
    return audit(machine_at(tree.root), Subject(tree.site, tree.site / ".provision", gathered))


def alarms(report: Report) -> tuple[Finding, ...]:
    """What it says to leak or be at risk."""
    return report.of(Outcome.LEAK, Outcome.RISK)


def names(finding: Finding, planted: Planted, tree: Tree) -> bool:
    """Whether a finding is about a planted leak."""
    if finding.check not in planted.checks:
        return False
    place = tree.shown(finding.at) if finding.at is not None else finding.place
    return not planted.place or planted.place == place


def one_seed(folder: Path, seed: int, here: School) -> tuple[list[Planted], list[Planted], list[Finding]]:
    """(planted, missed, false alarms) of one computer, half of all after another one that is clean."""
    work = folder / "work"
    work.mkdir(parents=True)
    tree = clean_tree(folder / "disk", seed)
    plant_decoys(tree, here.found, work)
    false = [*alarms(look(tree, here.gathered))]
    kinds = random.Random(seed).sample(sorted(PLANTS), LEAKS)
    planted = plant_leaks(tree, here.found, work, kinds)
    findings = alarms(look(tree, here.gathered))
    missed = [one for one in planted if not any(names(finding, one, tree) for finding in findings)]
    false += [finding for finding in findings if not any(names(finding, one, tree) for one in planted)]
    return planted, missed, false


def main() -> None:
    """Count over all seeds."""
    planted = missed = false = 0
    kinds: dict[str, list[int]] = {}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        here = school(Path(folder))
        for seed in range(SEEDS):
            there, not_found, invented = one_seed(Path(folder) / str(seed), seed, here)
            planted, missed, false = planted + len(there), missed + len(not_found), false + len(invented)
            for one in there:
                counts = kinds.setdefault(one.kind, [0, 0])
                counts[0] += 1
                counts[1] += one in not_found
            for finding in invented:
                print(f"seed {seed}: false alarm {finding.check} {finding.place} {finding.what}")
    rows = [(kind, str(count), str(lost)) for kind, (count, lost) in sorted(kinds.items())]
    print_table(("leak", "planted", "missed"), rows)
    print(f"{SEEDS} computers, {time.perf_counter() - began:.0f} s")
    print_result({"planted": planted, "missed": missed, "false_alarms": false})
