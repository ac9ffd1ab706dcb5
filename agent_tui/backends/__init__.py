"""Adapters to the world outside: the contract, the registry, the test kit, and one folder per backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent_tui.backends.http import HttpClient


async def post_form(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
    """How access tokens are asked for: by the shared HTTP policy, which is loaded where an account has one."""
    from agent_tui.backends.http import post_form as post

    return await post(url, form)


def http_client() -> HttpClient:
    """What backends of web services call through: the same policy, loaded when the first of them wants it."""
    from agent_tui.backends.http import HttpClient as Client

    return Client()
