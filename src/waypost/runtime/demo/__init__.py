"""Demo content: what makes the first minute convincing. Clearly marked, and gone with one command."""

from waypost.runtime.demo.seed import Demo

__all__ = ["Demo"]
