"""How things look, and the way out for what is printed; nothing heavy is imported here."""
