"""`doctor`, and what it looks at: the machine, and the models of a recipe."""
