"""The errors of HTTP and of API keys, in the tree of `novel_core.errors`.

```
UsageError
├── UnknownKey                 no such API key
└── RequestRefused             the API refuses the request
    ├── InvalidRequest         a part of it is missing or malformed
    ├── UnknownAddress         there is nothing at its path
    ├── MethodRefused          its method is not possible at its path
    ├── RequestTooLarge        its body is over the limit
    ├── AddressTooLong         its path and query are over the limit
    ├── HeadersTooLarge        its headers are over the limit
    ├── RequestTooSlow         it did not arrive in time
    ├── IdempotencyMismatch    its Idempotency-Key came with another request
    ├── HostRefused            it is addressed to a host we do not answer to
    ├── OriginRefused          a page of another site sent it
    ├── KeyRequired            it carries no API key, or an invalid one
    ├── ScopeMissing           its API key does not allow it
    ├── LocalOnly              it comes from another machine, and there are no API keys
    ├── TooManyRequests        its sender is over the rate limit        (retry helps)
    └── TooBusy                too many are being served                (retry helps)
```
"""

from __future__ import annotations

from novel_core.errors import UsageError


class UnknownKey(UsageError):
    code = "unknown_key"
    exit_code = 5
    default_hint = "Run `novel keys list`."


class RequestRefused(UsageError):
    """The API refuses the request. `retry_after`: seconds to wait, if trying again helps."""

    code = "request_refused"

    def __init__(
        self, message: str, *, retry_after: float | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class InvalidRequest(RequestRefused):
    code = "invalid_request"
    default_hint = "The page /docs describes every request."


class UnknownAddress(RequestRefused):
    code = "unknown_address"
    default_hint = "The page /docs lists every address."


class MethodRefused(RequestRefused):
    code = "method_refused"
    default_hint = "The Allow header lists the methods that work here."


class RequestTooLarge(RequestRefused):
    code = "request_too_large"
    default_hint = "Send less at once."


class AddressTooLong(RequestRefused):
    code = "address_too_long"
    default_hint = "Send a shorter address."


class HeadersTooLarge(RequestRefused):
    code = "headers_too_large"
    default_hint = "Send fewer or shorter headers, cookies included."


class RequestTooSlow(RequestRefused):
    code = "request_too_slow"
    default_hint = "Send the whole request at once."


class IdempotencyMismatch(RequestRefused):
    code = "idempotency_mismatch"
    default_hint = "Use a new Idempotency-Key for a new request."


class HostRefused(RequestRefused):
    code = "host_refused"
    default_hint = "Add the name to NOVEL_API_HOSTS if the API is to answer to it."


class OriginRefused(RequestRefused):
    code = "origin_refused"
    default_hint = "Add the page's host and port to NOVEL_API_HOSTS if it may use the API."


class KeyRequired(RequestRefused):
    code = "key_required"
    default_hint = (
        "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`; make one with `novel keys create`."
    )


class ScopeMissing(RequestRefused):
    code = "scope_missing"
    default_hint = "Use a key with that scope: `novel keys create NAME --scope SCOPE`."


class LocalOnly(RequestRefused):
    code = "local_only"
    default_hint = "Run `novel keys create NAME --scope ingest` first, then send the key."


class TooManyRequests(RequestRefused):
    code = "too_many_requests"
    retryable = True
    default_hint = "Wait for the seconds in Retry-After; NOVEL_API_RATE_LIMIT sets the limit."


class TooBusy(RequestRefused):
    code = "too_busy"
    retryable = True
    default_hint = "Wait for the seconds in Retry-After."
