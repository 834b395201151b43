"""What was received and answered: the journal of a world, the log, and the requests that a test expects of it.

Nothing secret is kept in what it shows (`redaction`).
"""
