"""Prose as a stream of passages: paragraphs, lists, tables and talks under their headings."""
