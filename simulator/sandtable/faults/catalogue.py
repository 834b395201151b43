"""The faults there are, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sandtable.faults.answers.hibernating import Hibernating
from sandtable.faults.answers.login_redirect import LoginRedirect
from sandtable.faults.answers.maintenance import Maintenance
from sandtable.faults.answers.rate_limited import RateLimit
from sandtable.faults.answers.server_error import ServerError
from sandtable.faults.answers.session_queue import SessionQueue
from sandtable.faults.answers.slow_semaphores import SlowSemaphores
from sandtable.faults.answers.transaction_cancelled import TransactionCancelled
from sandtable.faults.answers.unavailable import Unavailable
from sandtable.faults.connection.connection_reset import ConnectionReset
from sandtable.faults.connection.duplicate_delivery import DuplicateDelivery
from sandtable.faults.connection.latency import Latency
from sandtable.faults.connection.lost_answer import LostAnswer
from sandtable.faults.connection.malformed_body import MalformedBody
from sandtable.faults.connection.truncated_body import TruncatedBody
from sandtable.faults.connection.wrong_content_type import WrongContentType
from sandtable.faults.instance.clock_jump import ClockJump
from sandtable.faults.instance.ended_token import ExpiredToken, RevokedToken
from sandtable.faults.instance.import_row_error import ImportRowError
from sandtable.faults.instance.unstable_order import UnstableOrder
from sandtable.faults.instance.zero_rows import ZeroRows
from sandtable.faults.wire import Fault

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
