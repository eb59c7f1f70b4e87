"""Policies: kept intent at an API, a version or an operation; what holds in the end is resolved and explained."""
