"""Measurements, each one command: `make bench`, or `python -m bench core --most 100000`."""
