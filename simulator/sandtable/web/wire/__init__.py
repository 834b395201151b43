"""Between bytes and the core: bodies, parameters, negotiation, pages of a list, records as clients see them."""
