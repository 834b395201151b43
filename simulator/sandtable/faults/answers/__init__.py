"""Faults in which the platform answers with something else, or late, because of the state it is in."""
