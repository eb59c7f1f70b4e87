"""The reference of a version as its consumers see it: gateway addresses and the hub's own key."""
