"""Planted faults, and whether reviewers see them: `python -m benchmarks.planted`."""
