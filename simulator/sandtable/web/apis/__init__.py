"""The REST APIs of the platform, one blueprint a file: each view parses, asks the core, presents."""
