"""The built portal, served from the hub's own address."""
