"""What students learn from dialogues: `python -m benchmarks.learning`."""
