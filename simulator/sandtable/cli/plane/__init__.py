"""The commands for the test plane of a running instance: how they reach it, and one topic a file."""
