"""Walks what a connector needs of an instance, ours or a real one, through public APIs only, and names what is missing.

`patient` asks the instance, `connection`, `rights`, `grants` and `browser` hold the checks, `examination` runs them.
"""
