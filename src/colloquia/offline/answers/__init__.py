"""How the offline teacher words what it found, or that there is nothing."""
