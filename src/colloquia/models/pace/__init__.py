"""How many calls may be in flight, and the clock by which everything here waits."""
