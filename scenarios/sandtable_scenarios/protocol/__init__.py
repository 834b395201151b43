"""The protocol of a program under test: its schema, connectors to begin with, and a check of answers alone."""
