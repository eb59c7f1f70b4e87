"""Helpers without a domain word: ids, clock, errors, paging, crypto, watch, logs, text."""
