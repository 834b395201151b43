"""Forms of records: their fields, related lists, activity, and how they are saved."""
