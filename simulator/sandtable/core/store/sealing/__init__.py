"""What is secret in a data file is sealed under a key of a file beside it: the data file alone gives none away."""
