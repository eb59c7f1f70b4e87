"""Information management: the relational store, analytics, search, blobs and secrets."""
