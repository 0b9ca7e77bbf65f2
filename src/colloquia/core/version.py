"""The version, which is part of what a run is made of."""

__version__ = "0.1.0"
