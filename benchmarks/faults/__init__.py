"""What is promised, and whether faults break it: `python -m benchmarks.faults`."""
