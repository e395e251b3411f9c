"""Tests of the print journal."""
