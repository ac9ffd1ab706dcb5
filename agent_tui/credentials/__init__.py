"""Secrets: where they are kept, and how they are had. Never in clear, never in a log, never in an argument.

    credentials = Credentials(locations)
    credentials.put("support", "password", Secret("…"), Way.KEYRING)
    await credentials.fetch("support", "password")

Nothing heavy is imported until a secret is asked for.
"""

from agent_tui.credentials.chain import Credentials, Kept, variable
from agent_tui.credentials.handover import KEY_VARIABLE, hand_over, scrubbed_environment, take_over
from agent_tui.credentials.keyring_way import KeyringState, probe
from agent_tui.credentials.references import OAuthClient, Reference, References, Way
from agent_tui.credentials.secret import CredentialsError, Secret

__all__ = [
    "KEY_VARIABLE",
    "Credentials",
    "CredentialsError",
    "Kept",
    "KeyringState",
    "OAuthClient",
    "Reference",
    "References",
    "Secret",
    "Way",
    "hand_over",
    "probe",
    "scrubbed_environment",
    "take_over",
    "variable",
]
