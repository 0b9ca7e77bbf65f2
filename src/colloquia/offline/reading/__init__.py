"""What the offline teacher finds in a snippet, and what a question asks for."""
