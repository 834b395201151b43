"""`serve --workers`: several processes behind one port, each world in one of them."""
