"""The wiring: settings, the container, runners and commands. The only place that knows every class."""
