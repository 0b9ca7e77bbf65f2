"""Hostile input of every kind, and whether it was held: `python -m benchmarks.hostile`."""
