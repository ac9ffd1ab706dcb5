"""Dovecot from Debian's packages, configured in a folder of its own. Works as root and as an ordinary user."""

from __future__ import annotations

import base64
import getpass
import grp
import hashlib
import hmac
import itertools
import json
import os
import pwd
import shutil
import smtplib
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.process import free_ports, remove_folder, short_folder, start, stop, wait_for_port

JWT_KEY = b"a-key-of-the-tests-for-tokens-0123456789"
USERS = 600
DOMAINS = ("example.test", "customer.test")

CONFIG = """
base_dir = {dir}/run
state_dir = {dir}/run
instance_name = {name}
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
log_path = {dir}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
mail_location = maildir:{dir}/mail/%u
mail_home = {dir}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 200
mail_fsync = never
mailbox_list_index = yes
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0 secs
auth_username_chars =
disable_plaintext_auth = yes
ssl = yes
ssl_cert = <{chain}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
imap_idle_notify_interval = 30 secs
imap_hibernate_timeout = 0
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.ext
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {dir}/users
}}
userdb {{
  driver = passwd-file
  args = {dir}/users
  override_fields = uid={uid} gid={gid} home={dir}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = subscribe
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  client_limit = 1000
  process_min_avail = 1
}}
service imap {{
  process_limit = 300
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener auth-client-rw {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
postmaster_address = postmaster@example.test
"""

OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={dir}/oauth/
username_attribute = sub
username_format = %u
"""


def available() -> str:
    """Empty where it can run, else the reason why not."""
    if shutil.which("dovecot") is None and not Path("/usr/sbin/dovecot").exists():
        return "dovecot is not installed"
    missing = [name for name in ("imap", "lmtp") if not Path("/usr/lib/dovecot", name).exists()]
    return f"dovecot lacks {', '.join(missing)}" if missing else ""


@dataclass
class Dovecot(MailServer):
    """IMAP (STARTTLS and implicit TLS), delivery by LMTP, passwords and OAuth tokens."""

    folder: Path = field(default_factory=short_folder)

    def __post_init__(self) -> None:
        self.kind = "dovecot"
        self.certificates: Certificates = make_certificates(self.folder / "tls")
        self.ca_file = self.certificates.ca
        self.imap_port, self.imaps_port, self.lmtp_port = free_ports(3)
        self._numbers = itertools.count()
        self._write()
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        logs = [self.folder / "stdout.log", self.folder / "dovecot.log"]
        self._process = start([program, "-F", "-c", str(self.config)], logs[0])
        try:
            for port in (self.imap_port, self.imaps_port, self.lmtp_port):
                wait_for_port(port, self._process, logs)
        except BaseException:
            self.stop()
            raise

    @property
    def config(self) -> Path:
        """Its configuration file, for `doveadm -c`."""
        return self.folder / "dovecot.conf"

    def log(self) -> str:
        """What the server says of itself: who signed in, and how connections ended."""
        return (self.folder / "dovecot.log").read_text("utf-8", "replace")

    @property
    def auth_socket(self) -> Path:
        """Where Postfix asks for passwords."""
        return self.folder / "run" / "auth-client-rw"

    def _write(self) -> None:
        root = os.getuid() == 0
        me = getpass.getuser()
        owner = pwd.getpwnam("mail") if root else pwd.getpwuid(os.getuid())
        for name in ("run", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        if root:
            os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        for name in ("hs256", "HS256"):
            keys = self.folder / "oauth" / "default" / name
            keys.mkdir(parents=True, exist_ok=True)
            (keys / "default").write_bytes(base64.b64encode(JWT_KEY))
        (self.folder / "oauth2.ext").write_text(OAUTH.format(dir=self.folder), "utf-8")
        lines = [f"u{n}@{domain}:{{PLAIN}}secret-{n}::::::\n" for n in range(USERS) for domain in DOMAINS]
        (self.folder / "users").write_text("".join(lines), "utf-8")
        self.config.write_text(
            CONFIG.format(
                dir=self.folder,
                name=self.folder.name,
                login_user="dovenull" if root else me,
                internal_user="dovecot" if root else me,
                internal_group="dovecot" if root else grp.getgrgid(os.getgid()).gr_name,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                chain=self.certificates.good.chain,
                key=self.certificates.good.key,
                imap=self.imap_port,
                imaps=self.imaps_port,
                lmtp=self.lmtp_port,
            ),
            "utf-8",
        )

    def new_user(self, domain: str = DOMAINS[0]) -> MailUser:
        number = next(self._numbers)
        return MailUser(f"u{number}@{domain}", f"secret-{number}")

    def deliver(self, raw: bytes, to: str, sender: str = "customer@customer.test") -> None:
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=20) as lmtp:
            lmtp.sendmail(sender, [to], raw)

    def admin(self, *arguments: str) -> str:
        """Run doveadm against this server."""
        done = subprocess.run(
            ["doveadm", "-c", str(self.config), *arguments], capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout

    def mail_folder(self, user: MailUser) -> Path:
        """The user's Maildir."""
        return self.folder / "mail" / user.address

    def stop(self) -> None:
        stop(self._process)
        remove_folder(self.folder)


def token(user: str, *, key: bytes = JWT_KEY, lives: int = 600) -> str:
    """A signed token that Dovecot checks by itself; negative `lives` makes one that has expired."""
    now = int(time.time())
    head = {"alg": "HS256", "typ": "JWT"}
    body = {"sub": user, "iat": now - 700, "nbf": now - 700, "exp": now + lives, "iss": "tests", "scope": "mail"}
    signed = b".".join(_part(json.dumps(part).encode()) for part in (head, body))
    return (signed + b"." + _part(hmac.digest(key, signed, hashlib.sha256))).decode()


def _part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
