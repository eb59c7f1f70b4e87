"""Waypost: a white-label API hub. The layers are the sub-packages; see docs/explanation/architecture.md."""

__version__ = "0.1.0"
