"""Subscriptions: app x API x plan version, asked for, approved, refused, changed, cancelled."""
