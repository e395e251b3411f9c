"""The agent's bundles for tests: built once from the listed wheels, which stay in .venv."""

from __future__ import annotations

from pathlib import Path

from labcheck.bundle import Bundles

VENV = Path(__file__).parents[2] / ".venv"
WHEELS = VENV / "agent-wheels"
BUNDLES = Bundles(VENV / "agent-bundles", WHEELS)
