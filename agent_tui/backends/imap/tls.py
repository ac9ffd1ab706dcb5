"""Lines that are protected, and the proof of who is at the other end."""

from __future__ import annotations

import ipaddress
import ssl

from agent_tui.backends.api import BackendError, CertificateRefused, InsecureLine, Misconfigured, Unreachable

_REASONS = {9: "not_yet_valid", 10: "expired", 18: "self_signed", 19: "unknown_authority", 20: "unknown_authority"}
_REASONS |= {21: "unknown_authority", 62: "wrong_host", 64: "wrong_host"}


def make_context(ca_file: str) -> ssl.SSLContext:
    """Certificates and host names are always checked; a private authority is trusted besides the system's."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise Misconfigured("ca_file", reason="ca_file", option="ca_file", value=ca_file) from None
        # newer Pythons refuse authorities made without key identifiers, as many private ones were
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def tls_error(error: OSError, host: str, port: int) -> BackendError:
    """The error of a handshake in our words. Nothing of what the other side said is in it."""
    place = {"host": host, "port": str(port)}
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefused("certificate", reason=_REASONS.get(error.verify_code, "not_trusted"), **place)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return InsecureLine("no TLS", reason="no_tls", **place)
    return Unreachable("handshake", reason="closed", **place)


def require_loopback(address: str, host: str, port: int) -> None:
    """A line without protection may only lead to this very machine."""
    try:
        local = ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        raise InsecureLine("plain line", reason="plain_to_network", host=host, port=str(port))
