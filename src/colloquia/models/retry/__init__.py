"""Whether and when to send again: the fault decides, one place does it, a breaker waits out."""
