"""How stories are looked for, spread, remembered, shortened and varied."""
