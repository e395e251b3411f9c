"""Proving headphones and microphones: every seat of a room plays its own signal and hears it."""
