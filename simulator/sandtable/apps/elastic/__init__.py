"""Elastic's two applications, and what they have in common."""
