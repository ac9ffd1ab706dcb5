"""What may go wrong outside, as one small tree."""

from __future__ import annotations

from typing import ClassVar


class BackendError(Exception):
    """Something outside went wrong. `code` and `parameters` are put into words by the screens.

    Never carries a secret, and of a server's words only what came over a protected line.

        BackendError
        ├── AuthenticationFailed   wrong password or token; needs a person
        ├── SecretUnavailable      the keyring is locked, or holds nothing
        ├── CertificateRefused     expired, foreign, wrong host; needs a person
        ├── InsecureLine           no TLS where it is demanded; needs a person
        ├── Unreachable            no line, time-out, the server left
        ├── RateLimited            try again after `retry_after` seconds
        ├── ProtocolError          an answer that makes no sense
        ├── Unsupported            the backend cannot do this
        └── Misconfigured          an option cannot be right; needs a person
    """

    code: ClassVar[str] = "backend"
    needs_person: ClassVar[bool] = False

    def __init__(self, detail: str = "", **parameters: str) -> None:
        super().__init__(detail or type(self).code)
        self.detail = detail
        self.parameters: dict[str, str] = parameters


class AuthenticationFailed(BackendError):
    """The server does not accept who we say we are."""

    code = "authentication_failed"
    needs_person = True


class SecretUnavailable(BackendError):
    """The secret could not be had."""

    code = "secret_unavailable"
    needs_person = True


class CertificateRefused(BackendError):
    """The server could not prove who it is."""

    code = "certificate_refused"
    needs_person = True


class InsecureLine(BackendError):
    """The line would not be protected; it was ended before any secret."""

    code = "insecure_line"
    needs_person = True


class Unreachable(BackendError):
    """No connection, or it was lost."""

    code = "unreachable"


class RateLimited(BackendError):
    """Too much was asked."""

    code = "rate_limited"

    def __init__(self, detail: str = "", retry_after: float = 60.0, **parameters: str) -> None:
        super().__init__(detail, **parameters)
        self.retry_after = retry_after


class ProtocolError(BackendError):
    """The other side answered what the protocol does not allow."""

    code = "protocol_error"


class Unsupported(BackendError):
    """This backend cannot do what was asked."""

    code = "unsupported"


class Misconfigured(BackendError):
    """An option cannot be right."""

    code = "misconfigured"
    needs_person = True
