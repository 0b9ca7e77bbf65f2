"""Requests of many dialogues handed in together, at half the price and in their own time."""
