"""Public: what somebody who writes a gateway driver tests it with. Needs contracts only (and httpx, pytest).

``engine`` runs a driver's engine; ``corpus`` holds IR cases; ``suite`` is the class of tests to inherit from.
"""
