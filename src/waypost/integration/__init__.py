"""Integration: gateway engines, the agent, definition importers. Knows contracts only."""
