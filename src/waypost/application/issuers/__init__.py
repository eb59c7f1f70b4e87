"""Issuers of tokens: outside ones whose keys the hub keeps fresh, so that no call at a gateway ever waits for one."""
