"""The faults there are, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .clock_jump import ClockJump
from .connection_reset import ConnectionReset
from .duplicate_delivery import DuplicateDelivery
from .ended_token import ExpiredToken, RevokedToken
from .hibernating import Hibernating
from .import_row_error import ImportRowError
from .latency import Latency
from .login_redirect import LoginRedirect
from .lost_answer import LostAnswer
from .maintenance import Maintenance
from .malformed_body import MalformedBody
from .rate_limited import RateLimit
from .server_error import ServerError
from .slow_semaphores import SlowSemaphores
from .transaction_cancelled import TransactionCancelled
from .truncated_body import TruncatedBody
from .unavailable import Unavailable
from .wire import Fault
from .wrong_content_type import WrongContentType
from .zero_rows import ZeroRows

CATALOGUE: tuple[type[Fault], ...] = (
    Latency,
    RateLimit,
    ServerError,
    Unavailable,
    TransactionCancelled,
    Hibernating,
    Maintenance,
    LoginRedirect,
    ConnectionReset,
    LostAnswer,
    DuplicateDelivery,
    TruncatedBody,
    MalformedBody,
    WrongContentType,
    ZeroRows,
    ImportRowError,
    ExpiredToken,
    RevokedToken,
    ClockJump,
    SlowSemaphores,
)
KINDS: Mapping[str, type[Fault]] = MappingProxyType({fault.kind: fault for fault in CATALOGUE})
