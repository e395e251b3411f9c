"""A seeded simulator of rooms of headsets, the rules of other programs, and the counting.

It knows what is played, the type of what comes back and the names of faults, and nothing of how we measure:
only bench/headset.py joins both."""
