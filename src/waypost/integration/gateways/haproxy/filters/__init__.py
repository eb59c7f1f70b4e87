"""One file per policy. ``backend.py`` says in which order their rules stand."""
