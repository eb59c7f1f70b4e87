"""The HAProxy driver: keys in maps over the runtime socket, limits in stick tables, a reload when routes change."""
