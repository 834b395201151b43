"""What a run found, for a terminal, for machines, and as a page."""
