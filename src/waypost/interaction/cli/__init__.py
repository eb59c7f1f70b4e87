"""The command line: a client of the REST API. Commands that start things are added by ``runtime``."""

from waypost.interaction.cli.app import app

__all__ = ["app"]
