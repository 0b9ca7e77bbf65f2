"""Requests and replies on their way to a server: addresses, shapes, one session."""
