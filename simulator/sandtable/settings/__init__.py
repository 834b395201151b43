"""What the tool itself is told: by a file, the environment or options; an instance's own switches are records."""
