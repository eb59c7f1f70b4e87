"""Grants: a credential of an active subscription on a gateway that serves the API, worked out from all three."""
