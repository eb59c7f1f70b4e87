"""Interaction: where people, programs and agents meet the hub. Reaches data only through the application layer."""
