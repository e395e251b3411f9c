"""A library: workstations in, verdicts out."""
