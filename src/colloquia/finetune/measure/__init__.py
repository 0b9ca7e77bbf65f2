"""What a student knows, can read and admits, and corpora made with its help."""
