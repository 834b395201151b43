"""The Change Management API: its calls, the states of a change, the words of its answers."""
