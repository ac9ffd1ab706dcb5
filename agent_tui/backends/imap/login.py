"""Signing in, over a protected line alone. A secret is in no message, log or error."""

from __future__ import annotations

import imaplib
from collections.abc import Callable

from agent_tui.backends.api import AuthenticationFailed, RateLimited, Unreachable
from agent_tui.backends.imap.line import Line, Refused
from agent_tui.backends.imap.names import quoted
from agent_tui.backends.imap.options import Login

PASSING = {"UNAVAILABLE", "SERVERBUG", "INUSE"}


def plain(user: str, secret: str) -> bytes:
    """RFC 4616."""
    return f"\0{user}\0{secret}".encode()


def xoauth2(user: str, token: str) -> bytes:
    """Google's and Microsoft's mechanism."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def oauthbearer(user: str, token: str, host: str, port: int) -> bytes:
    """RFC 7628."""
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode()


def once(response: bytes) -> Callable[[bytes], bytes]:
    """Say it at the first challenge; a second one is the server's reason for refusing, answered by nothing."""
    answers = [response]
    return lambda _challenge: answers.pop() if answers else b""


def sign_in(line: Line, auth: Login, user: str, secret: str) -> None:
    """Log in with the best mechanism that the server offers."""
    place = {"host": line.host, "port": str(line.port), "user": user}
    if "\0" in user or "\0" in secret:
        raise AuthenticationFailed("login", reason="nul_in_secret", **place)
    line.veil.hide(secret)
    offered = line.read_capabilities()
    try:
        if auth is Login.OAUTH:
            _oauth(line, offered, user, secret, place)
        elif "AUTH=PLAIN" in offered:
            _authenticate(line, "PLAIN", plain(user, secret))
        elif "LOGINDISABLED" not in offered and not {"\r", "\n"} & set(user + secret):
            line.command("LOGIN", quoted(user), quoted(secret))
            line.state = "AUTH"
        else:
            raise AuthenticationFailed("login", reason="no_mechanism", **place)
    except Refused as no:
        said = {"server_said": no.said} if no.said else {}
        line.drop()
        if no.code in PASSING:
            raise Unreachable("login", reason="unavailable", **place, **said) from None
        if no.code == "LIMIT":
            raise RateLimited("login", 60.0, **place, **said) from None
        raise AuthenticationFailed(
            "login", reason="expired" if no.code == "EXPIRED" else "refused", **place, **said
        ) from None


def _oauth(line: Line, offered: frozenset[str], user: str, token: str, place: dict[str, str]) -> None:
    if "\1" in user or "\1" in token:
        raise AuthenticationFailed("login", reason="nul_in_secret", **place)
    if "AUTH=XOAUTH2" in offered:
        _authenticate(line, "XOAUTH2", xoauth2(user, token))
    elif "AUTH=OAUTHBEARER" in offered:
        _authenticate(line, "OAUTHBEARER", oauthbearer(user, token, line.host, line.port))
    else:
        raise AuthenticationFailed("login", reason="no_mechanism", **place)


def _authenticate(line: Line, mechanism: str, response: bytes) -> None:
    process = imaplib._Authenticator(once(response)).process
    line.command("AUTHENTICATE", mechanism.encode(), literal=process)
    line.state = "AUTH"
