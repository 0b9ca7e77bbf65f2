"""What is kept of calls and what they cost: looked up, set aside, committed."""
