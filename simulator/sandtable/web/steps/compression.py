"""gzip, when the client asks for it and it is worth it."""

from __future__ import annotations

import zlib
from functools import lru_cache

from flask import Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from sandtable.web.transaction import Transaction

SMALLEST = 1024
FASTEST = 1


# What a header means depends on its text alone, and clients send few different ones.
@lru_cache(maxsize=256)
def _takes_gzip(accepted: str) -> bool:
    return parse_accept_header(accepted, Accept)["gzip"] > 0


def compress(transaction: Transaction, answer: Response) -> Response:
    """Compress the body of an answer of the instance for a client that accepts gzip."""
    if (
        "HTTP_ACCEPT_ENCODING" not in transaction.environ
        or transaction.path.startswith("/_sandtable")
        or answer.is_streamed
        or answer.direct_passthrough
        or "Content-Encoding" in answer.headers
        or not _takes_gzip(transaction.environ["HTTP_ACCEPT_ENCODING"])
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
