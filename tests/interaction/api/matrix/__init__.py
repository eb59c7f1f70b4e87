"""The access matrix: a world in which one team owns things, and one call for every route."""
