"""The JavaScript engine: contexts that can be stopped, the texts that run in them, and what is told when one fails."""
