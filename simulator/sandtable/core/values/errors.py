"""What the platform says when it refuses: one class per refusal, in the product's own words.

PlatformError
├── NotAuthenticated           no credentials, or bad ones
├── ApiAccessDenied            the API itself is closed to the caller
├── RecordNotFound             no such record, or hidden by access control
├── UnknownTable               no such table
├── UnknownResource            no such path below /api
├── MethodNotSupported · NotAcceptable · UnsupportedMediaType
├── BadRequest
│   ├── UnreadableBody         the body cannot be parsed
│   ├── PayloadTooLarge        the body is over the limit
│   ├── AttachmentRefused      a file that cannot be attached as asked
│   └── AttachmentTooLarge     a file over the limit
├── OperationFailed            a write that was understood and refused
│   ├── AccessDenied           by access control
│   ├── Aborted                by a business rule
│   ├── DataPolicyViolation    by a data policy
│   ├── UniqueViolation        by a unique key
│   └── WebServiceDenied       the table is closed to web services
├── QueryDenied                the caller may not query that
├── RateLimited                a rate limit rule is exceeded
├── ScopeAccessNotGranted · TableScopeRefused
├── ScriptError                a script failed
├── MissingAccessScope         the token does not carry the scope that the API asks for
└── Unsimulated                strict mode met something that is not simulated

No HTTP here: `sandtable.web.errors` holds the one table from class to status.
"""

from __future__ import annotations

from collections.abc import Sequence


class PlatformError(Exception):
    """A refusal with the two texts of the product's error envelope."""

    message: str = "Unknown error"
    detail: str | None = None

    def __init__(self, message: str | None = None, detail: str | None = None) -> None:
        if message is not None:
            self.message = message
        if detail is not None:
            self.detail = detail
        super().__init__(self.message if self.detail is None else f"{self.message}: {self.detail}")


class NotAuthenticated(PlatformError):
    """Nobody, or not who they say they are. `message` may be replaced by the wording of a newer release."""

    message = "User Not Authenticated"
    detail = "Required to provide Auth information"


class ApiAccessDenied(PlatformError):
    """An access control of a REST endpoint, or a policy of the API, keeps the user out."""

    message = "User Not Authorized"
    detail = "Failed API level ACL Validation"


class RecordNotFound(PlatformError):
    """There is no such record, or the user may not know of it."""

    message = "No Record found"
    detail = "Record doesn't exist or ACL restricts the record retrieval"


class UnknownTable(PlatformError):
    """There is no table of this `name`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"Invalid table {name}")


class UnknownResource(PlatformError):
    """No API answers at this path."""

    message = "Requested URI does not represent any resource"


class MethodNotSupported(PlatformError):
    """The resource does not take this method."""

    message = "Method not supported"


class NotAcceptable(PlatformError):
    """The caller accepts no format that the resource can answer in."""

    message = "Not acceptable format requested"


class UnsupportedMediaType(PlatformError):
    """The body is in a format that the resource does not read."""

    message = "Unsupported media type"


class BadRequest(PlatformError):
    """The request cannot be understood."""

    message = "Bad request"


class UnreadableBody(BadRequest):
    """The body does not hold what its format promises; `detail` says where."""

    message = "Exception while reading request"

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)


class InsufficientStorage(PlatformError):
    """The data file cannot take what was written: nothing of it is kept, and what was kept before stays readable."""

    message = "Insufficient storage"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(detail=f"the data file cannot be written ({why}); nothing of this request was kept")
        self.path = path


class DatabaseUnavailable(PlatformError):
    """The database that keeps the instance does not answer: nothing of the request was kept, as far as is known."""

    message = "Service unavailable"

    def __init__(self, database: str, why: str) -> None:
        super().__init__(detail=f"the database of the instance cannot be used ({why}); try again")
        self.database = database


class OutcomeUnknown(PlatformError):
    """The database went away while it was told to keep a request: it may have kept it, and nothing else is known."""

    message = "Service unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(detail=f"the database of the instance went away ({why}); look whether the request was kept")


class NeedsToWrite(BaseException):
    """Work that began as reading has something to write: it is taken back, and done again from its beginning.

    No `Exception`, so that nothing on the way takes it for an error of the request that could be answered.
    """


class BodyCutOff(UnreadableBody):
    """The body ended before the length that its client declared: the client has left in the middle of it."""

    def __init__(self, received: int, declared: int) -> None:
        super().__init__(f"Cannot read: the body ended after {received} of {declared} bytes")


class PayloadTooLarge(BadRequest):
    """The body has more bytes than a property of the instance allows."""

    message = "Exception while reading request"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            detail=f"Rejected large REST payload with content-length = {size} bytes. Max allowed: {limit} bytes."
        )


class AttachmentRefused(BadRequest):
    """A file cannot be attached; `detail` says why."""

    message = "Attachment not created"

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)


class AttachmentTooLarge(BadRequest):
    """A file is larger than `limit` bytes."""

    message = "Attachment not created"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(detail=f"The file is larger than {limit} bytes, which com.glide.attachment.max_size allows")


class OperationFailed(PlatformError):
    """A write was tried and refused; nothing of it is left."""

    message = "Operation Failed"


class AccessDenied(OperationFailed):
    """Access control refuses a write; `operation` is Insert, Update, Delete or Read."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(detail=f"ACL Exception {operation} Failed due to security constraints")


class Aborted(OperationFailed):
    """A business rule refuses a write; `sys_id` is the rule's."""

    def __init__(self, file: str, rule: str, sys_id: str, reason: str = "") -> None:
        self.file, self.rule, self.sys_id, self.reason = file, rule, sys_id, reason
        super().__init__(
            detail=f"Operation against file '{file}' was aborted by Business Rule '{rule}^{sys_id}'."
            f" Business Rule Stack:{rule}"
        )


class DataPolicyViolation(OperationFailed):
    """Mandatory columns are empty; `labels` are their labels in the order they are listed."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = tuple(labels)
        super().__init__(
            detail=f"Data Policy Exception: \n\tThe following fields are mandatory: {', '.join(self.labels)}"
        )


class UniqueViolation(OperationFailed):
    """Another record holds the value of a unique key already."""

    def __init__(self, table: str, key: str, value: str) -> None:
        self.table, self.key, self.value = table, key, value
        super().__init__(
            detail=f"Error during insert of {table} (Unique Key violation detected by database"
            f" (Duplicate entry '{value}' for key '{key}'))"
        )


class WebServiceDenied(OperationFailed):
    """A table's own flags keep web services out."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(detail=f"Access to table {table} denied by web service policy")


class QueryDenied(PlatformError):
    """The user may not query the table."""

    message = "Insufficient rights to query records"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail=detail)


class RateLimited(PlatformError):
    """A rate limit rule is exceeded; `reset` is a unix time, `retry_after` seconds."""

    message = "Rate limit exceeded"

    def __init__(self, rule: str, limit: int, api: str, reset: int, retry_after: int) -> None:
        self.rule, self.limit, self.reset, self.retry_after = rule, limit, reset, retry_after
        super().__init__(detail=f"Rate limit of {limit} requests per hour for {api} exceeded")


class ScopeAccessNotGranted(PlatformError):
    """A scoped application lacks a cross-scope privilege; `operation` is read, write, create, delete or execute."""

    detail = ""

    def __init__(self, target: str, operation: str) -> None:
        self.target, self.operation = target, operation
        super().__init__(
            "com.glide.script.fencing.access.ScopeAccessNotGrantedException:"
            f" {operation} access to {target} not granted"
        )


class TableScopeRefused(PlatformError):
    """A table's own flags keep another scope out; `operation` is Read, Write, Create or Delete."""

    detail = ""

    def __init__(self, target: str, operation: str, scope: str) -> None:
        self.target, self.operation, self.scope = target, operation, scope
        super().__init__(
            f"{operation} operation against '{target}' from scope '{scope}' has been refused"
            " due to the table's cross-scope access policy"
        )


class ScriptError(PlatformError):
    """A script of the instance failed with this message."""

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message, detail)


class TransactionCancelled(PlatformError):
    """The request took longer than its transaction quota allows. Source: the vendor's knowledge base, KB1297438."""

    message = "Transaction cancelled: maximum execution time exceeded"

    def __init__(self) -> None:
        super().__init__(
            detail=f"{self.message} Check logs for error trace or enable glide.rest.debug property to verify REST "
            "request processing"
        )


class MissingAccessScope(PlatformError):
    """The token was not issued for the auth scope that the API asks for, `name`."""

    message = "User Not Authorized"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(detail=f"Missing required api access scope: {name}")


class Unsimulated(PlatformError):
    """In strict mode: the caller used something that this simulator does not simulate."""

    def __init__(self, kind: str, name: str, detail: str = "") -> None:
        self.kind, self.name = kind, name
        super().__init__(f"Not simulated by Sandtable: {kind} {name}", detail or None)
