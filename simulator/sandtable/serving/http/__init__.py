"""HTTP/1.1 on a socket: one thread polls and answers, others take over what takes long. Source: RFC 9110, RFC 9112."""
