"""Whole instances as files and as differences, and the baseline that every instance starts from."""
