"""A student's answers compared by a judge: preference pairs for a second round of DPO."""
