"""gzip, when the client asks for it and it is worth it."""

from __future__ import annotations

import zlib

from flask import Response, request

from sandtable.web.transaction import Transaction

SMALLEST = 1024
FASTEST = 1


def compress(transaction: Transaction, answer: Response) -> Response:
    """Compress the body of an answer of the instance for a client that accepts gzip."""
    if (
        request.path.startswith("/_sandtable")
        or answer.is_streamed
        or answer.direct_passthrough
        or "Content-Encoding" in answer.headers
        or request.accept_encodings["gzip"] <= 0
    ):
        return answer
    data = answer.get_data()
    if len(data) < SMALLEST:
        return answer
    packer = zlib.compressobj(FASTEST, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    answer.set_data(packer.compress(data) + packer.flush())
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Content-Length", None)
    return answer
