"""Faults in what the instance does with a request: its clock, its tokens, its rows."""
