"""The faults there are, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sandtable.faults.clock_jump import ClockJump
from sandtable.faults.connection_reset import ConnectionReset
from sandtable.faults.duplicate_delivery import DuplicateDelivery
from sandtable.faults.ended_token import ExpiredToken, RevokedToken
from sandtable.faults.hibernating import Hibernating
from sandtable.faults.import_row_error import ImportRowError
from sandtable.faults.latency import Latency
from sandtable.faults.login_redirect import LoginRedirect
from sandtable.faults.lost_answer import LostAnswer
from sandtable.faults.maintenance import Maintenance
from sandtable.faults.malformed_body import MalformedBody
from sandtable.faults.rate_limited import RateLimit
from sandtable.faults.server_error import ServerError
from sandtable.faults.session_queue import SessionQueue
from sandtable.faults.slow_semaphores import SlowSemaphores
from sandtable.faults.transaction_cancelled import TransactionCancelled
from sandtable.faults.truncated_body import TruncatedBody
from sandtable.faults.unavailable import Unavailable
from sandtable.faults.unstable_order import UnstableOrder
from sandtable.faults.wire import Fault
from sandtable.faults.wrong_content_type import WrongContentType
from sandtable.faults.zero_rows import ZeroRows

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
    UnstableOrder,
    SessionQueue,
)
KINDS: Mapping[str, type[Fault]] = MappingProxyType({fault.kind: fault for fault in CATALOGUE})
