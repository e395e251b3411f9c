"""The runbook: the specialist's procedure as data, and how each of its steps stands."""
