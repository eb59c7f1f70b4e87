"""Finding APIs and operations by words and facets."""
