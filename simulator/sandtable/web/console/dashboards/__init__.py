"""The dashboard: what happens on the instance, as plots."""
