"""Where a story is played: the world, its pictures, the steps, the rules' form, and what listeners hear."""
