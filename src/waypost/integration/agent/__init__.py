"""The gateway agent: one program for every engine, dialling out to the hub.

``app.run_agent`` wires it. Read in this order: ``stream`` (what arrives), ``deploy`` and ``grants`` (what is done with
it), ``reports`` (what is told back), ``meter``/``spool``/``shipper`` (usage), ``state``/``grantlog`` (last known good),
``supervise`` (the engine's process).
"""
