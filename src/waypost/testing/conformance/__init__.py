"""Public: the conformance suite. Cases are data (``cases/*.yaml``); any engine's driver can be run against them.

``python -m waypost.testing.conformance --engine envoy`` or ``--driver package.module:Factory``; ``form`` says what a
case may hold, ``runner`` how it is run, ``report`` what comes out.
"""
