"""Papers about what was done, other than the print journal."""
