"""Adapters to the world outside: the contract, the registry, the test kit, and one folder per backend."""

from __future__ import annotations

from collections.abc import Mapping


async def post_form(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
    """How access tokens are asked for: by the shared HTTP policy, which is loaded where an account has one."""
    from agent_tui.backends.http import post_form as post

    return await post(url, form)
