"""OpenAPI path templates; Envoy's regular expressions are RE2, which reads what ``gateways.paths`` writes."""

from waypost.integration.gateways.paths import PathPattern, pattern, rewriting, upstream_path

__all__ = ["PathPattern", "pattern", "rewriting", "upstream_path"]
