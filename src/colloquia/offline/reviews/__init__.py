"""How the offline teacher judges an answer."""
