"""The first schema.

Written out as SQL: a migration stays what it was on the day it was made, whatever the tables become.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account (
  id VARCHAR NOT NULL PRIMARY KEY, backend VARCHAR NOT NULL, label VARCHAR NOT NULL, channel VARCHAR NOT NULL,
  options VARCHAR NOT NULL, capabilities VARCHAR NOT NULL, own_addresses VARCHAR NOT NULL, own_name VARCHAR NOT NULL,
  signature VARCHAR NOT NULL, offline BOOLEAN NOT NULL, removed BOOLEAN NOT NULL);
CREATE TABLE account_health (
  account VARCHAR NOT NULL PRIMARY KEY, health VARCHAR NOT NULL, since INTEGER NOT NULL, fault VARCHAR,
  next_try_at INTEGER, history_done INTEGER NOT NULL, history_total INTEGER);
CREATE TABLE backend (name VARCHAR NOT NULL PRIMARY KEY, data VARCHAR NOT NULL);
CREATE TABLE cursor (
  account VARCHAR NOT NULL, stream VARCHAR NOT NULL, cursor VARCHAR NOT NULL, done BOOLEAN NOT NULL,
  PRIMARY KEY (account, stream));
CREATE TABLE memory (
  account VARCHAR NOT NULL, key VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE contact (
  id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, first_seen_at INTEGER NOT NULL,
  conversation_count INTEGER NOT NULL);
CREATE TABLE identity (
  id INTEGER NOT NULL PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contact (id), kind VARCHAR NOT NULL,
  value VARCHAR NOT NULL, normal VARCHAR NOT NULL, deliverable VARCHAR NOT NULL, detail VARCHAR NOT NULL,
  seen_at INTEGER, evidence VARCHAR NOT NULL);
CREATE UNIQUE INDEX identity_value ON identity (kind, normal);
CREATE INDEX identity_contact ON identity (contact_id);
CREATE TABLE conversation (
  id INTEGER NOT NULL PRIMARY KEY, number INTEGER NOT NULL, account VARCHAR NOT NULL, channel VARCHAR NOT NULL,
  origin VARCHAR NOT NULL, subject VARCHAR NOT NULL, status VARCHAR NOT NULL, native_status VARCHAR NOT NULL,
  box INTEGER NOT NULL, priority INTEGER NOT NULL, assignee VARCHAR NOT NULL, contact_id INTEGER REFERENCES contact (id),
  customer VARCHAR NOT NULL, snippet VARCHAR NOT NULL, tags VARCHAR NOT NULL, created_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL, last_in_at INTEGER, last_out_at INTEGER, snoozed_until INTEGER, snooze_zone VARCHAR,
  unread INTEGER NOT NULL, message_count INTEGER NOT NULL, files INTEGER NOT NULL, failed INTEGER NOT NULL,
  native_id VARCHAR, related VARCHAR NOT NULL, merged_into INTEGER);
CREATE UNIQUE INDEX conversation_number ON conversation (number);
CREATE INDEX conversation_box ON conversation (box, last_at, id);
CREATE INDEX conversation_all ON conversation (last_at, id) WHERE box BETWEEN 1 AND 4;
CREATE INDEX conversation_assignee ON conversation (assignee, last_at, id) WHERE box = 1;
CREATE INDEX conversation_contact ON conversation (contact_id, last_at);
CREATE INDEX conversation_native ON conversation (account, native_id) WHERE native_id IS NOT NULL;
CREATE INDEX conversation_unread ON conversation (id) WHERE unread > 0;
CREATE INDEX conversation_snooze ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE TABLE conversation_tag (
  tag VARCHAR NOT NULL, conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (tag, conversation_id)) WITHOUT ROWID;
CREATE TABLE tag (name VARCHAR NOT NULL PRIMARY KEY, uses INTEGER NOT NULL);
CREATE TABLE view_count (key VARCHAR NOT NULL PRIMARY KEY, total INTEGER NOT NULL, unread INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE placement (
  id INTEGER NOT NULL PRIMARY KEY, conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  kind INTEGER NOT NULL, rule VARCHAR NOT NULL, evidence VARCHAR NOT NULL);
CREATE INDEX placement_conversation ON placement (conversation_id, id, kind);
CREATE TABLE message (
  id INTEGER NOT NULL PRIMARY KEY, account VARCHAR NOT NULL, channel VARCHAR NOT NULL, native_id VARCHAR NOT NULL,
  direction VARCHAR NOT NULL, author_name VARCHAR NOT NULL, author_address VARCHAR NOT NULL, people VARCHAR NOT NULL,
  subject VARCHAR NOT NULL, sent_at INTEGER NOT NULL, arrived_at INTEGER NOT NULL, automatic VARCHAR NOT NULL,
  delivery VARCHAR NOT NULL, delivery_detail VARCHAR NOT NULL, unread INTEGER NOT NULL, header_id VARCHAR NOT NULL,
  header_key INTEGER NOT NULL, warnings VARCHAR NOT NULL, contact_id INTEGER, raw VARCHAR, size INTEGER NOT NULL,
  files INTEGER NOT NULL, content_version INTEGER NOT NULL, partial BOOLEAN NOT NULL, edited BOOLEAN NOT NULL);
CREATE UNIQUE INDEX message_native ON message (native_id, account);
CREATE INDEX message_header ON message (header_key);
CREATE INDEX message_unread ON message (id) WHERE unread = 1;
CREATE TABLE message_text (
  id INTEGER NOT NULL PRIMARY KEY, text VARCHAR NOT NULL, quoted VARCHAR NOT NULL, signature VARCHAR NOT NULL,
  links VARCHAR NOT NULL, refs VARCHAR NOT NULL);
CREATE TABLE message_reference (
  key INTEGER NOT NULL, message_id INTEGER NOT NULL, PRIMARY KEY (key, message_id)) WITHOUT ROWID;
CREATE TABLE attachment (
  id INTEGER NOT NULL PRIMARY KEY, message_id INTEGER NOT NULL, name VARCHAR NOT NULL, type VARCHAR NOT NULL,
  size INTEGER NOT NULL, inline BOOLEAN NOT NULL, part VARCHAR NOT NULL);
CREATE INDEX attachment_message ON attachment (message_id);
CREATE TABLE remote_copy (
  account VARCHAR NOT NULL, folder VARCHAR NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,
  message_id INTEGER NOT NULL, email_id VARCHAR NOT NULL, seen BOOLEAN NOT NULL, answered BOOLEAN NOT NULL,
  gone BOOLEAN NOT NULL, PRIMARY KEY (account, folder, uidvalidity, uid)) WITHOUT ROWID;
CREATE INDEX remote_copy_message ON remote_copy (message_id);
CREATE INDEX remote_copy_email ON remote_copy (email_id, account) WHERE email_id <> '';
CREATE TABLE note (
  id INTEGER NOT NULL PRIMARY KEY, author VARCHAR NOT NULL, text VARCHAR NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE event (
  id INTEGER NOT NULL PRIMARY KEY, code VARCHAR NOT NULL, parameters VARCHAR NOT NULL, by VARCHAR NOT NULL,
  at INTEGER NOT NULL);
CREATE TABLE participant (
  conversation_id INTEGER NOT NULL, kind VARCHAR NOT NULL, value VARCHAR NOT NULL,
  PRIMARY KEY (conversation_id, kind, value)) WITHOUT ROWID;
CREATE INDEX participant_value ON participant (value);
CREATE TABLE draft (
  id VARCHAR NOT NULL PRIMARY KEY, agent VARCHAR NOT NULL, kind VARCHAR NOT NULL, conversation_id INTEGER,
  account VARCHAR NOT NULL, data VARCHAR NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX draft_conversation ON draft (conversation_id, agent);
CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY, state VARCHAR NOT NULL, account VARCHAR NOT NULL, conversation_id INTEGER,
  message_id INTEGER, kind VARCHAR NOT NULL, token VARCHAR NOT NULL, not_before INTEGER NOT NULL,
  scheduled BOOLEAN NOT NULL, attempts INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by VARCHAR NOT NULL,
  fault VARCHAR, raw VARCHAR, native_conversation VARCHAR, envelope_from VARCHAR NOT NULL,
  envelope_id VARCHAR NOT NULL, marked_at INTEGER,
  sent_copy VARCHAR NOT NULL, data VARCHAR NOT NULL, draft VARCHAR NOT NULL, step_id INTEGER,
  before_status VARCHAR NOT NULL, after_status VARCHAR NOT NULL, settled BOOLEAN NOT NULL);
CREATE UNIQUE INDEX outbox_token ON outbox (account, token);
CREATE INDEX outbox_open ON outbox (account, state, not_before) WHERE state IN ('held', 'queued', 'sending', 'unknown');
CREATE INDEX outbox_conversation ON outbox (conversation_id);
CREATE INDEX outbox_envelope ON outbox (account, envelope_id) WHERE envelope_id <> '';
CREATE INDEX outbox_unfiled ON outbox (account, id) WHERE state = 'sent' AND sent_copy = '';
CREATE TABLE step (
  id INTEGER NOT NULL PRIMARY KEY, agent VARCHAR NOT NULL, at INTEGER NOT NULL, code VARCHAR NOT NULL,
  undone INTEGER NOT NULL, undoable BOOLEAN NOT NULL);
CREATE INDEX step_agent ON step (agent, id);
CREATE TABLE step_change (
  step_id INTEGER NOT NULL REFERENCES step (id), place INTEGER NOT NULL, conversation_id INTEGER NOT NULL,
  field VARCHAR NOT NULL, before VARCHAR NOT NULL, after VARCHAR NOT NULL, reverted BOOLEAN NOT NULL,
  PRIMARY KEY (step_id, place)) WITHOUT ROWID;
CREATE TABLE feed (seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, kind VARCHAR NOT NULL, ref INTEGER NOT NULL);
CREATE TABLE set_aside (
  id INTEGER NOT NULL PRIMARY KEY, account VARCHAR NOT NULL, native_id VARCHAR NOT NULL, code VARCHAR NOT NULL,
  parameters VARCHAR NOT NULL, at INTEGER NOT NULL, raw VARCHAR, size INTEGER NOT NULL, origin VARCHAR NOT NULL);
CREATE UNIQUE INDEX set_aside_native ON set_aside (account, native_id);
CREATE TABLE activity (
  id INTEGER NOT NULL PRIMARY KEY, at INTEGER NOT NULL, account VARCHAR NOT NULL, code VARCHAR NOT NULL,
  parameters VARCHAR NOT NULL);
CREATE TABLE request (
  id INTEGER NOT NULL PRIMARY KEY, account VARCHAR NOT NULL, kind VARCHAR NOT NULL, arguments VARCHAR NOT NULL,
  state VARCHAR NOT NULL, result VARCHAR NOT NULL, at INTEGER NOT NULL);
CREATE INDEX request_asked ON request (state, id);
CREATE TABLE remote_write (
  id INTEGER NOT NULL PRIMARY KEY, account VARCHAR NOT NULL, kind VARCHAR NOT NULL, payload VARCHAR NOT NULL,
  attempts INTEGER NOT NULL, not_before INTEGER NOT NULL, state VARCHAR NOT NULL, conversation_id INTEGER,
  fault VARCHAR, at INTEGER NOT NULL, leader INTEGER);
CREATE INDEX remote_write_led ON remote_write (leader) WHERE leader IS NOT NULL;
CREATE INDEX remote_write_due ON remote_write (account, not_before) WHERE state = 'waiting';
"""

SEARCH = """
CREATE VIRTUAL TABLE search USING fts5 (
  subject, author, recipients, files, body, stems,
  content='', tokenize='ascii', prefix='2 3', columnsize=0);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
INSERT INTO search (search, rank) VALUES ('usermerge', 4);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64)
"""

_COUNT = """
INSERT INTO view_count VALUES ({key}, {sign}1, {sign}({row}.unread > 0))
ON CONFLICT (key) DO UPDATE SET total = total + excluded.total, unread = unread + excluded.unread;
"""


def _counting(row: str, sign: str) -> str:
    of_box = _COUNT.format(key=f"'box:' || {row}.box", sign=sign, row=row)
    of_assignee = f"""
INSERT INTO view_count SELECT 'agent:' || {row}.assignee, {sign}1, {sign}({row}.unread > 0) WHERE {row}.box = 1
ON CONFLICT (key) DO UPDATE SET total = total + excluded.total, unread = unread + excluded.unread;
"""
    return of_box + of_assignee


def triggers() -> list[str]:
    """The counts of the views are kept with every change of a conversation, whoever makes it."""
    moved = "OLD.box <> NEW.box OR OLD.assignee <> NEW.assignee"
    read = "OLD.box = NEW.box AND OLD.assignee = NEW.assignee AND (OLD.unread > 0) <> (NEW.unread > 0)"
    delta = "UPDATE view_count SET unread = unread + (NEW.unread > 0) - (OLD.unread > 0) WHERE key ="
    return [
        f"CREATE TRIGGER conversation_counted AFTER INSERT ON conversation BEGIN {_counting('NEW', '')} END",
        f"CREATE TRIGGER conversation_uncounted AFTER DELETE ON conversation BEGIN {_counting('OLD', '-')} END",
        "CREATE TRIGGER conversation_recounted AFTER UPDATE OF box, assignee ON conversation "
        f"WHEN {moved} BEGIN {_counting('OLD', '-')} {_counting('NEW', '')} END",
        # The common case, at every arrival: it need not find out where the row went.
        f"CREATE TRIGGER conversation_reread AFTER UPDATE OF unread ON conversation WHEN {read} BEGIN"
        f" {delta} 'box:' || NEW.box; {delta} 'agent:' || NEW.assignee AND NEW.box = 1; END",
    ]


def upgrade() -> None:
    """Create everything."""
    for statement in (TABLES + SEARCH).split(";"):
        if statement.strip():
            op.execute(statement)
    for trigger in triggers():
        op.execute(trigger)
