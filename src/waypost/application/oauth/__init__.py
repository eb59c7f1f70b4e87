"""The hub as an issuer: client-credentials tokens (RFC 6749, 4.4) and the keys that sign them."""
