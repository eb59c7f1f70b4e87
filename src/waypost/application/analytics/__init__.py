"""Numbers about calls, each reader within what it owns."""
