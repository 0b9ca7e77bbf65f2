"""Servers of our own on loopback: an endpoint, streams, batches, and servers of a known pace."""
