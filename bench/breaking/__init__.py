"""The parts of ``bench crash``: a tiny school, a cell to break it in, faults, the operator, the judge."""
