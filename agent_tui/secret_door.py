"""Where the desk's forms put secrets: the keyring, the vault, or the name of a command that prints them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent_tui.locations import Locations

if TYPE_CHECKING:
    from agent_tui.credentials import Secret

COMMAND_MARK = "!"
"""What begins with it is no secret but a command that prints one."""


def keeper(
    locations: Locations, wish: str, vault_key: Secret | None = None
) -> tuple[Callable[[str, str, str], None], Callable[[str], None]]:
    """(keep, forget). Nothing heavy is imported before a secret comes."""

    def keep(account: str, option: str, secret: str) -> None:
        from agent_tui.credentials import Credentials

        credentials = Credentials(locations, vault_key)
        if secret.startswith(COMMAND_MARK) and len(secret) > 1:
            import shlex

            credentials.put_command(account, option, shlex.split(secret[1:]))
        else:
            credentials.keep(account, option, secret, wish)

    def forget(account: str) -> None:
        from agent_tui.credentials import Credentials

        Credentials(locations, vault_key).forget(account)

    return keep, forget
