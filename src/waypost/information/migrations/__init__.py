"""Schema migrations (Alembic), shipped inside the package and run on start."""
