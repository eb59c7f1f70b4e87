"""Changes of policies: what one would touch, shown before, and asked of every engine concerned."""
