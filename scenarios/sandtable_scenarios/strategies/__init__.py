"""What stories are made of: texts, identifiers, fields of incidents."""
