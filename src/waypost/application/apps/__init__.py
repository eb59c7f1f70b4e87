"""Apps and their credentials: what a consumer calls with."""
