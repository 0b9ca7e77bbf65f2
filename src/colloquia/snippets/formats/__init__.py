"""One reader per kind of file: its lines and passages as named values, or why one can't be used."""
