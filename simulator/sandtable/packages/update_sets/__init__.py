"""Update sets: changes recorded into them, sets exported, and sets of elsewhere previewed, committed, backed out."""
