"""Commands that make runs, stop them and look into them."""
