"""Demo content: taking it away."""
