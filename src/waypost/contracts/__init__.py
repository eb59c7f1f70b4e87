"""The shared language: frozen, framework-free types and the ports that layers meet in."""
