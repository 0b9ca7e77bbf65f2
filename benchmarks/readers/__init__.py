"""What strict readers say of transcripts: `python -m benchmarks.readers`; their grades lie here."""
