"""Sentences for everything that has to do with secrets."""

from __future__ import annotations

from typing import Final

from agent_tui.words import N_

SECRETS: Final[dict[str, str]] = {
    "no_keyring": N_(
        "This machine has no keyring. Keep secrets in an encrypted file (--secrets vault), have them from a program"
        " (--password-command 'pass show …'), or from the environment (--password-env)."
    ),
    "keyring_locked": N_(
        "The keyring is locked. Unlock it in your session, or keep secrets in an encrypted file (--secrets vault)."
    ),
    "keyring_hangs": N_(
        "The keyring does not answer; over SSH it often waits for a dialog nobody sees. Unlock it in your session, or"
        " keep secrets in an encrypted file (--secrets vault)."
    ),
    "keyring_failed": N_(
        "The keyring refused to keep or give the secret. Keep it in an encrypted file instead (--secrets vault)."
    ),
    "vault_locked": N_(
        "The file of secrets is closed. Type its passphrase at the account{way}, or start `agent-tui sync` anew."
    ),
    "vault_missing": N_(
        "There is no file of secrets yet. `agent-tui account add … --secrets vault` makes one and asks for a passphrase."
    ),
    "wrong_passphrase": N_("This is not the passphrase of the file of secrets. Nothing was opened."),
    "vault_tampered": N_(
        "The file of secrets was changed by somebody else, or is damaged ({path}). Nothing of it is used."
    ),
    "command_missing": N_("The program that prints the secret was not found ({program})."),
    "command_failed": N_("The program that prints the secret failed ({program}, status {status})."),
    "command_timeout": N_("The program that prints the secret did not end within {seconds} s ({program})."),
    "command_empty": N_("The program that prints the secret printed nothing ({program})."),
    "command_too_long": N_("The program that prints the secret printed far too much ({program})."),
    "not_text": N_("The program that prints the secret printed no text ({program})."),
    "not_stored": N_("No secret is kept for this account. Add the account again to enter it."),
    "loose_permissions": N_("Other users can read or change {path}, so it is not used. chmod 600 closes it."),
    "broken_file": N_("{path} cannot be read as it is. Mend it or remove it, then add the account again."),
    "oauth_refused": N_("{host} does not accept the refresh token any more ({reason}). Add the account again."),
    "oauth_failed": N_("{host} gave no access token ({reason}). It is tried again."),
}
"""Errors of `agent_tui.credentials`."""

SECRET_UNAVAILABLE: Final[dict[str, str]] = {f"secret_unavailable.{code}": text for code, text in SECRETS.items()}
"""The same where the worker could not have the secret of an account."""
