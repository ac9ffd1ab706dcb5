"""Secrets on the command line: asked for without an echo, read from standard input, or told where they are had from."""

from __future__ import annotations

import getpass
import os
import shlex
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from agent_tui.cli.account_flags import PREFIX
from agent_tui.cli.output import Failed, Misused, tell
from agent_tui.cli.wording import error_in_words
from agent_tui.cli.workspace import places, settings_of
from agent_tui.domain.account import Account, BackendInfo, OptionField
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.credentials import Credentials, OAuthClient, Secret, Way

TRIES = 3


def take_secrets(options: Namespace, info: BackendInfo, account: Account, credentials: Credentials) -> None:
    """Keep the secrets of a new account, each the way that was said."""
    from agent_tui.credentials import Secret as Hidden

    oauth = _oauth(options)
    defaults = {option.name: option.default for option in info.options}
    for option in info.options:
        if option.kind != "secret":
            continue
        client = oauth if option.name == "token" else None
        if command := getattr(options, f"{PREFIX}{option.name}:command", None):
            credentials.put_command(account.id, option.name, _command(command), client)
        elif _by_environment(options, account, option):
            credentials.put_environment(account.id, option.name)
        else:
            secret = _typed(options, option, ask=option.wanted({**defaults, **account.options}))
            if secret:
                way = _way(options, credentials)
                credentials.put(account.id, option.name, secret, way, client)
                if client is not None and client.has_secret:
                    credentials.put_client_secret(account.id, option.name, Hidden(_line_of_input()))
            elif option.required:
                raise Misused(_("{title} is needed").format(title=option.title))


def unlock(credentials: Credentials, *, needed: bool = False) -> Secret | None:
    """Open the file of secrets, asking for its passphrase where somebody can answer. Returns the opened key.

    Leaving it closed is possible where it is not `needed`: the accounts that want it show as locked.
    """
    from agent_tui.credentials import CredentialsError, Secret as Hidden

    try:
        if credentials.unlock_by_file():
            return credentials.vault.key
        wanted = needed or credentials.needs_passphrase
    except CredentialsError as error:
        if needed:
            raise
        # Accounts that do not need it work all the same, and so does the desk.
        tell(error_in_words(error.code, error.parameters))
        return None
    if not wanted:
        return None
    if not sys.stdin.isatty():
        if needed:
            raise CredentialsError("vault_locked")
        return None
    for _try in range(TRIES):
        typed = getpass.getpass(_("Passphrase of the file of secrets (Enter leaves it closed): "))
        if not typed:
            break
        try:
            return credentials.vault.unlock(Hidden(typed))
        except CredentialsError as error:
            if error.code == "wrong_passphrase":
                tell(_("This is not the passphrase."))
                continue
            if needed:
                raise
            tell(error_in_words(error.code, error.parameters))
            return None
    if needed:
        raise CredentialsError("vault_locked")
    return None


def _way(options: Namespace, credentials: Credentials) -> Way:
    """Where secrets are kept: as was said, as was chosen before, else the keyring, where it works."""
    from agent_tui.config import save
    from agent_tui.credentials import CredentialsError, KeyringState, Way as Ways, probe

    locations = places(options)
    chosen = options.secrets or settings_of(locations).secrets
    if not chosen:
        state, _name = probe()
        if state is KeyringState.USABLE:
            chosen = "keyring"
        elif sys.stdin.isatty():
            tell(error_in_words(state.value, {}))
            tell(_("Make an encrypted file for secrets now, or press Ctrl+C to choose another way."))
            chosen = "vault"
        else:
            raise CredentialsError(state.value)
    way = Ways(chosen)
    if way is Ways.VAULT:
        _open_vault(credentials)
    if settings_of(locations).secrets != chosen:
        save(locations.settings_file, {"secrets": chosen})
    return way


def _open_vault(credentials: Credentials) -> None:
    from agent_tui.credentials import Secret as Hidden

    if credentials.vault.exists:
        unlock(credentials, needed=True)
        return
    if (given := credentials.given_passphrase()) is not None:
        credentials.vault.create(given)
        return
    if not sys.stdin.isatty():
        raise Failed(
            _("A new file of secrets needs a passphrase: call this from a terminal, or name a file that holds it in"
              " AGENT_TUI_VAULT_PASSPHRASE_FILE.")
        )  # fmt: skip
    while True:
        first = getpass.getpass(_("New passphrase for the file of secrets: "))
        if len(first) < 8:
            tell(_("Eight characters at least; four words are better."))
            continue
        if getpass.getpass(_("The same again: ")) == first:
            break
        tell(_("The two differ."))
    credentials.vault.create(Hidden(first))


def _typed(options: Namespace, option: OptionField, *, ask: bool) -> Secret | None:
    from agent_tui.credentials import Secret as Hidden

    if getattr(options, f"{PREFIX}{option.name}:stdin", False):
        line = _line_of_input()
        if not line:
            raise Failed(_("Standard input holds no {title}.").format(title=option.title))
        return Hidden(line)
    if not ask or not sys.stdin.isatty() or _any_said(options):
        return None
    hint = f" ({option.help})" if option.help else ""
    typed = getpass.getpass(f"{option.title}{hint}: ")
    return Hidden(typed) if typed else None


def _any_said(options: Namespace) -> bool:
    """The person told where some secret comes from: the others are not asked for."""
    return any(
        value for name, value in vars(options).items() if name.startswith(PREFIX) and name.count(":") == 2 and value
    )


def _by_environment(options: Namespace, account: Account, option: OptionField) -> bool:
    from agent_tui.credentials import variable

    name = variable(account.id, option.name)
    if getattr(options, f"{PREFIX}{option.name}:env", False):
        if not os.environ.get(name):
            raise Failed(_("The environment has no {name}.").format(name=name))
        return True
    return bool(os.environ.get(name)) and not getattr(options, f"{PREFIX}{option.name}:stdin", False)


def _command(typed: str) -> list[str]:
    try:
        parts = shlex.split(typed)
    except ValueError:
        parts = []
    if not parts:
        raise Misused(_("“{command}” is no command").format(command=typed))
    return parts


def _oauth(options: Namespace) -> OAuthClient | None:
    from agent_tui.credentials import OAuthClient as Client

    if not options.oauth_url:
        return None
    if not options.oauth_client_id:
        raise Misused(_("--oauth-url needs --oauth-client-id"))
    return Client(options.oauth_url, options.oauth_client_id, options.oauth_scope, options.oauth_client_secret_stdin)


def _line_of_input() -> str:
    return sys.stdin.readline().rstrip("\r\n")
