"""Rules that judge the instance: imports, records, tokens and cross-origin requests."""
