"""Tests: see CONTRIBUTING.md."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Before numpy is loaded: its threads wait for each other by spinning, and several tests run at once."""
