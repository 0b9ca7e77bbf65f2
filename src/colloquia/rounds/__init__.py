"""Rounds of self-improvement: a student plays a role, and learns from what was accepted of it."""
