"""Persona cards: loading, sampling, linting."""
