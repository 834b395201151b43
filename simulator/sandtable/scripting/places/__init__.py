"""The places where scripts run, each with its variables, its order and its effect."""
