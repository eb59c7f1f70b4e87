"""The hub's own settings and brand."""
