"""What is too long to arrive whole: addresses, which the product refuses with a page, and the links made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.values.texts import whole_number
from sandtable.faults.pages import page
from sandtable.web.environ import is_for_the_plane

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

DEFAULT_LONGEST = 8_192
SHORT = 1024
# Clients read no more than this of one header line, and give up on the whole answer when there is more.
LONGEST_HEADER = 65_000
# Marks a request that came inside another, whose address was never on a request line.
INSIDE = "sandtable.inside"


def refuse_long_address(transaction: Transaction) -> Response | None:
    """Answer 414 with a page when path and query are longer than `sandtable.web.longest_address` (in characters).

    0 is no limit, and less than 1,024 is 1,024.

    Source: LetPeopleWork/Lighthouse saw 8,182 characters pass and 8,347 refused on an Australia instance; other clients
    report a page, and no JSON, from 10,000 characters on.
    """
    environ = transaction.environ
    address = environ.get("RAW_URI") or request.full_path
    # Most addresses are short, and need no property.
    if len(address) <= SHORT or INSIDE in environ or is_for_the_plane(environ):
        return None
    limit = whole_number(transaction.instance.property("sandtable.web.longest_address"), DEFAULT_LONGEST)
    if not limit or len(address) <= max(limit, SHORT):
        return None
    text = f"The address has {len(address)} characters; at most {limit} are read. Send long queries in a batch request."
    transaction.explanations.append(text)
    return Response(page("Request-URI Too Long", text), status=414, content_type="text/html;charset=UTF-8")


def add_link(transaction: Transaction, answer: Response, link: str) -> None:
    """Add a `Link` header, unless it is empty or longer than clients read; the ledger says when it is left out."""
    if len(link) > LONGEST_HEADER:
        transaction.instance.ledger.note("header", "Link", "left out, since it is longer than clients can read")
    elif link:
        answer.headers["Link"] = link
