"""The commands that train and examine a student."""
