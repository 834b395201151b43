"""Sandtable inside somebody's tests: instances in process, behind a mock or a server; the test plane's client."""
