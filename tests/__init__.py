"""The tests: of units, of contracts that every implementation keeps, and of whole commands."""

import os

# Several test processes share the cores: numpy's own threads would only wait for each other.
# It reads this when it is first imported.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
