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
        " keep secrets in an encrypted file (--secrets vault), in a program (--password-command 'pass show …') or in the"
        " environment (--password-env)."
    ),
    "keyring_failed": N_(
        "The keyring refused to keep or give the secret. Keep it in an encrypted file (--secrets vault), in a program"
        " (--password-command 'pass show …') or in the environment (--password-env)."
    ),
    "vault_locked": N_(
        "The file of secrets is closed. Change the account{way} and type its passphrase there, or start the desk anew."
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
    "not_stored": N_("No secret is kept for this account. Enter it{way}."),
    "variable_missing": N_(
        "The environment has no {variable}, where the secret of this account comes from. Start agent-tui with it, or"
        " enter the secret{way}."
    ),
    "loose_permissions": N_("Other users can read or change {path}, so it is not used. chmod 600 closes it."),
    "broken_file": N_("{path} cannot be read as it is. Mend it or remove it, then add the account again."),
    "oauth_refused": N_("{host} does not accept the refresh token any more ({reason}). Add the account again."),
    "oauth_failed": N_("{host} gave no access token ({reason}). It is tried again."),
}
"""Errors of `agent_tui.credentials`."""

_AT_THE_DESK: Final[dict[str, str]] = {
    "no_keyring": N_("This machine has no keyring. Keep the secret another way{way}."),
    "keyring_locked": N_("The keyring is locked. Unlock it in your session, or keep the secret another way{way}."),
    "keyring_hangs": N_(
        "The keyring does not answer; over SSH it often waits for a dialog nobody sees. Unlock it in your session, or"
        " keep the secret another way{way}."
    ),
    "keyring_failed": N_("The keyring refused to keep or give the secret. Keep it another way{way}."),
}
"""Flags of the command line are of no use in a form, which offers the other ways itself."""
SECRET_UNAVAILABLE: Final[dict[str, str]] = {
    f"secret_unavailable.{code}": text for code, text in (SECRETS | _AT_THE_DESK).items()
}
"""The same where the worker could not have the secret of an account."""
