"""Speed of the trainer beside plain TRL: `python -m benchmarks.train`."""
