"""Definition importers: text that somebody wrote becomes operations, servers, security and named problems."""

from waypost.integration.importers.importer import OpenApiImporter
from waypost.integration.importers.limits import Limits

__all__ = ["Limits", "OpenApiImporter"]
