"""A refresh token and its client become an access token, at the issuer's token endpoint (RFC 6749, section 6)."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agent_tui.credentials.references import OAuthClient
from agent_tui.credentials.secret import CredentialsError, Secret

_EARLY = 60.0
"""Seconds before its end at which a token counts as old: a login takes a while."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

PostForm = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, bytes]]]
"""Posts a form and gives status and body. Redirects are not followed: the form holds secrets."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, with its end by the monotonic clock."""

    token: Secret
    ends_at: float
    refresh_token: Secret | None = None
    """A new one, where the issuer rotates them."""

    def fresh(self, now: float) -> bool:
        """It will still be accepted."""
        return now < self.ends_at - _EARLY


async def refresh(
    client: OAuthClient, refresh_token: Secret, client_secret: Secret | None, post: PostForm
) -> AccessToken:
    """Ask the issuer for an access token."""
    parts = urlsplit(client.token_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise CredentialsError("oauth_failed", host=parts.hostname or "", reason="insecure")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token.reveal(),
        "client_id": client.client_id,
    }
    if client_secret is not None:
        form["client_secret"] = client_secret.reveal()
    if client.scope:
        form["scope"] = client.scope
    try:
        status, body = await post(client.token_url, form)
    except CredentialsError:
        raise
    except Exception as error:
        # The error may carry the request, and with it the form.
        raise CredentialsError("oauth_failed", host=parts.hostname or "", reason=type(error).__name__) from None
    return _read(status, body, parts.hostname or "")


def _read(status: int, body: bytes, host: str) -> AccessToken:
    try:
        answer: Any = json.loads(body)
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if status in (400, 401):
        # `invalid_grant`: the token was revoked or has ended. Only known words are passed on.
        reason = answer.get("error")
        known = reason in ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope")
        raise CredentialsError("oauth_refused", host=host, reason=str(reason) if known else "")
    token = answer.get("access_token")
    if status != 200 or not isinstance(token, str) or not token:
        raise CredentialsError("oauth_failed", host=host, reason=str(status))
    try:
        lifetime = float(answer.get("expires_in", 3600))
    except (TypeError, ValueError):
        lifetime = 3600.0
    rotated = answer.get("refresh_token")
    return AccessToken(
        token=Secret(token),
        ends_at=time.monotonic() + min(max(lifetime, 0.0), 86400.0),
        refresh_token=Secret(rotated) if isinstance(rotated, str) and rotated else None,
    )
