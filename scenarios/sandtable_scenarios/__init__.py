"""Short stories for any connector and any instance, and the rules that must hold in them."""
