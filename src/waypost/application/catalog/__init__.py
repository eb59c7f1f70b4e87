"""The catalog: APIs, their versions, operations and definitions."""
