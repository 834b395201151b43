"""The instance over HTTP: the pipeline of a request, one file for each API, and the test plane."""
