"""Figures with their units, and whether one follows from others: what an answer worked out."""
