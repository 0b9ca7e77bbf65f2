"""What an answer earns: one pure function per reward, found by its name."""
