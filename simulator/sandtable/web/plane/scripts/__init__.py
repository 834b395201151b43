"""What a test may do with scripts: run one on the instance's side, plant answers for their outbound calls."""
