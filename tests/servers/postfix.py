"""Postfix before Dovecot: a whole mail system. Needs root, since Postfix's master refuses anything else."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import dovecot
from tests.servers.dovecot import DOMAINS, Dovecot
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.process import dismiss, free_ports, guard, remove_folder, short_folder, start, stop, wait_for_port

PROGRAM = "/usr/sbin/postfix"
MASTER_PROGRAM = "/usr/lib/postfix/sbin/master"

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/postfix.log
maillog_file_prefixes = {dir}
myhostname = mail.example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domains}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:5.4.4 no route: this is a test system
lmtp_destination_recipient_limit = 1
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
recipient_delimiter = +
message_size_limit = 104857600
mailbox_size_limit = 0
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
anvil_rate_time_unit = 1s
"""

MASTER = """
127.0.0.1:{mx} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def available() -> str:
    """Empty where it can run, else the reason why not."""
    if not Path(PROGRAM).exists() or not Path("/usr/lib/postfix/sbin/lmtp").exists():
        return "postfix is not installed"
    if os.getuid() != 0:
        return "postfix needs root"
    return dovecot.available()


@dataclass
class Postfix(MailServer):
    """Submission with AUTH and TLS, an MX, delivery into Dovecot's mailboxes; nothing leaves the machine."""

    folder: Path = field(default_factory=short_folder)

    def __post_init__(self) -> None:
        self.kind = "postfix"
        self.dovecot = Dovecot()
        self.imap_port, self.imaps_port = self.dovecot.imap_port, self.dovecot.imaps_port
        self.ca_file = self.dovecot.ca_file
        self.mx_port, self.smtp_port, self.smtps_port = free_ports(3)
        self._write()
        logs = [self.folder / "stdout.log", self.log]
        # the master itself rather than the script around it, so that it ends with us whatever happens
        subprocess.run([PROGRAM, "-c", str(self.folder / "etc"), "check"], capture_output=True, timeout=30, check=True)
        self._process = start([MASTER_PROGRAM, "-c", str(self.folder / "etc"), "-s"], logs[0])
        self._guard = guard(self._process.pid)
        try:
            for port in (self.mx_port, self.smtp_port, self.smtps_port):
                wait_for_port(port, self._process, logs)
        except BaseException:
            self.stop()
            raise

    @property
    def log(self) -> Path:
        """Postfix's own log."""
        return self.folder / "postfix.log"

    def _write(self) -> None:
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(exist_ok=True)
            (self.folder / name).chmod(0o755)
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        (self.folder / "etc" / "main.cf").write_text(
            MAIN.format(
                dir=self.folder,
                domains=" ".join(DOMAINS),
                lmtp=self.dovecot.lmtp_port,
                chain=self.dovecot.certificates.good.chain,
                key=self.dovecot.certificates.good.key,
                auth=self.dovecot.auth_socket,
            ),
            "utf-8",
        )
        (self.folder / "etc" / "master.cf").write_text(
            MASTER.format(mx=self.mx_port, submission=self.smtp_port, smtps=self.smtps_port), "utf-8"
        )

    def new_user(self, domain: str = DOMAINS[0]) -> MailUser:
        return self.dovecot.new_user(domain)

    def stop(self) -> None:
        dismiss(self._guard)
        stop(self._process)
        self.dovecot.stop()
        remove_folder(self.folder)
