"""Single values, without any table: moments and durations, zones and formats, passwords, names of secrets.

It hands out the `Clock` of an instance, the `Ledger` of what is not simulated, and the refusals that everything
raises (`errors`).
"""
