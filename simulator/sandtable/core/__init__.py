"""The platform without HTTP: an instance, its records, and the rules that they follow."""
