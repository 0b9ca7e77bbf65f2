"""Prompt templates: reading, linting, rendering to messages."""
