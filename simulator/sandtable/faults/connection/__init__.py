"""Faults of the way between client and instance: what arrives late, twice, broken, or not at all."""
