"""Certificates of a private authority, and bad ones of every kind that must be refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "mail.example.test")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key, as files."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the tests need of an authority."""

    ca: Path
    good: Certificate
    expired: Certificate
    wrong_host: Certificate
    foreign: Certificate
    """Signed by an authority that nobody here trusts."""
    foreign_ca: Path


def make_certificates(folder: Path) -> Certificates:
    """Make an authority and its certificates in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ours, theirs = trustme.CA(organization_name="Ours"), trustme.CA(organization_name="Theirs")
    ca, foreign_ca = folder / "ca.pem", folder / "foreign_ca.pem"
    ours.cert_pem.write_to_path(str(ca))
    theirs.cert_pem.write_to_path(str(foreign_ca))
    return Certificates(
        ca=ca,
        good=_write(folder, "good", ours.issue_cert(*NAMES)),
        expired=_write(folder, "expired", ours.issue_cert(*NAMES, not_after=datetime.now(UTC) - timedelta(days=1))),
        wrong_host=_write(folder, "wrong_host", ours.issue_cert("other.example.test")),
        foreign=_write(folder, "foreign", theirs.issue_cert(*NAMES)),
        foreign_ca=foreign_ca,
    )


def _write(folder: Path, name: str, leaf: trustme.LeafCert) -> Certificate:
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    key.chmod(0o600)
    chain.chmod(0o644)
    return Certificate(chain, key)
