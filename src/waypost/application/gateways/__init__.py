"""Gateways: what each shall do (state, compile), what it does (receipts, usage), and how it hears of it (stream)."""
