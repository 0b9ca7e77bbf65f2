"""What a question asks to be worked out, and whether a figure follows from others."""
