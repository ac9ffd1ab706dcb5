"""The sentences for codes. Sentence case, no blame, no jargon of ours: what happened, why, what to do."""

from __future__ import annotations

from typing import Final

from agent_tui.domain.message import Rule
from agent_tui.sentences_secrets import SECRET_UNAVAILABLE, SECRETS
from agent_tui.words import N_

FAULTS: Final[dict[str, str]] = {
    **SECRETS,
    **SECRET_UNAVAILABLE,
    # The line. `code.reason` is looked for before `code`.
    "unreachable": N_("No connection to {host}."),
    "unreachable.refused": N_("No connection to {host}: it refuses port {port}."),
    "unreachable.timeout": N_("No connection to {host}: it does not answer."),
    "unreachable.no_such_host": N_("No connection: there is no host named {host}. Check the account{way}."),
    "unreachable.connect": N_("No connection to {host}."),
    "unreachable.closed": N_("{host} closed the connection."),
    "unreachable.bye": N_("{host} ended the connection."),
    "unreachable.folder_changed": N_("The folder {folder} was moved or renamed; it is looked for."),
    "unreachable.gone": N_("The connection to {host} was lost."),
    "unreachable.unavailable": N_("{host} is not available at the moment."),
    "timeout": N_("No connection to {host}: it does not answer."),
    "authentication_failed": N_("{host} does not accept the login of {user}. Enter the password again{way}."),
    "authentication_failed.expired": N_("The password or token of {user} at {host} has expired. Enter a new one{way}."),
    "authentication_failed.no_mechanism": N_(
        "{host} offers no way to log in that this account may use. Check its settings{way}."
    ),
    "authentication_failed.nul_in_secret": N_(
        "The password of {user} holds a sign that no server takes. Enter it again{way}."
    ),
    "secret_unavailable": N_(
        "The password of this account could not be had. Unlock the keyring, or enter it again{way}."
    ),
    "certificate_refused": N_(
        "The certificate of {host} cannot be trusted, so nothing was sent to it. Check host and certificate authority{way}."
    ),
    "certificate_refused.expired": N_("The certificate of {host} has expired, so nothing was sent to it."),
    "certificate_refused.not_yet_valid": N_("The certificate of {host} is not valid yet, so nothing was sent to it."),
    "certificate_refused.self_signed": N_(
        "{host} vouches for itself alone, so nothing was sent to it. Its certificate authority can be named{way}."
    ),
    "certificate_refused.unknown_authority": N_(
        "Nobody known vouches for {host}, so nothing was sent to it. Its certificate authority can be named{way}."
    ),
    "certificate_refused.wrong_host": N_(
        "The certificate shown is not one of {host}, so nothing was sent to it. Check the host{way}."
    ),
    "insecure_line.preauth": N_("{host} would not have us log in, which is a trick; the line was ended."),
    "insecure_line.no_tls": N_("{host} does not speak TLS at port {port}, so nothing was sent. Check it{way}."),
    "insecure_line": N_(
        "{host} offers no protected line, so nothing was sent. Check the security of the account{way}."
    ),
    "insecure_line.starttls_missing": N_("{host} offers no encryption, so nothing was sent to it."),
    "insecure_line.starttls_refused": N_("{host} refuses encryption, so nothing was sent to it."),
    "insecure_line.starttls_injected": N_(
        "Somebody spoke into the line to {host} before it was protected; it was ended."
    ),
    "insecure_line.plain_to_network": N_(
        "{host} would be spoken to without protection; this is only done on this machine itself."
    ),
    "rate_limited": N_("{host} asks us to slow down; it goes on by itself."),
    "protocol_error": N_("{host} answers in a way that makes no sense."),
    "protocol_error.answer_too_large": N_("{host} answers more than can be taken."),
    "protocol_error.folder_too_large": N_(
        "{host} answers more about the folder {folder} than can be taken, so it is not fetched; the other folders are. "
        "Leave it out of the account{way}."
    ),
    "protocol_error.redirect": N_("{host} sends us elsewhere; this is not followed."),
    "protocol_error.folder": N_("The folder {folder} cannot be opened at the server."),
    "protocol_error.folder_refused": N_("The folder {folder} cannot be opened: “{server_said}”."),
    "protocol_error.no_folder": N_("There is no folder {folder} at the server."),
    "protocol_error.refused": N_("The server refused it: “{server_said}”."),
    "unsupported": N_("The service of this account cannot do that."),
    "unsupported.read_only": N_("The folder {folder} may only be read."),
    "unsupported.no_move": N_("The server cannot move mails safely, so they stay where they are."),
    "unsupported.no_folder": N_("There is no folder to move it to. Name one in the account{way}."),
    "unsupported.too_large": N_("The message is too large to be fetched."),
    "unsupported.gone": N_("The message is not at the server any more."),
    "misconfigured.no_folder": N_("There is no folder {value} at the server. Check the account{way}."),
    "misconfigured.ca_file": N_("The certificate authority {value} cannot be read. Check the account{way}."),
    "misconfigured": N_("A setting of this account cannot be right. Check it{way}."),
    "backend_failed": N_(
        "This account stopped with an error ({error}). The log has the details; it starts anew by itself."
    ),
    "conflict": N_("It was changed at the server meanwhile; theirs was kept."),
    # On the way out.
    "refused": N_("The server refused the message: “{server_said}”."),
    "sender_refused": N_("The server does not let us send as {address}: “{server_said}”."),
    "recipients_refused": N_("The server takes no mail for {address}: “{server_said}”."),
    "data_refused": N_("The server refused the message: “{server_said}”."),
    "message_refused": N_("The server refused the message: “{server_said}”."),
    "utf8_address_unsupported": N_("{host} cannot send to addresses with letters beyond a-z."),
    "bad_address": N_("{address} is no address that mail can go to."),
    "no_recipient": N_("Nobody is named as recipient."),
    "no_such_conversation": N_("The service does not know this conversation any more."),
    "too_large": N_("The message is too large for the server."),
    "busy": N_("The server is busy; it is tried again by itself."),
    "no_answer": N_("The server took the message and gave no answer: it may have left."),
    "odd_answer": N_("The server gave an answer that makes no sense: the message may have left."),
    "some_refused": N_("Some recipients were refused by the server."),
    "some_later": N_(
        "It was sent to the others; some recipients are refused for now, and it is tried again for them alone."
    ),
    "raw_missing": N_("The text of this message is not kept here any more, so it cannot leave."),
    # Writing.
    "cannot_start": N_("No account here can begin a conversation. Add one{way}."),
    "no_account": N_("The account {account} is not here any more. Add it again{way}."),
    "no_conversation": N_("This conversation is not here any more."),
    "no_message": N_("There is no message to answer here."),
    "no_sender": N_("{account} has no address of its own to send from. Add one{way}."),
    "no_text": N_("There is nothing to send yet."),
    "draft_moved": N_(
        "Another desk wrote on this, sent it or threw it away: yours is a draft of its own now. Look first."
    ),
    "not_able": N_("{account} only receives: nothing can be sent from it."),
    "not_back": N_("This did not come back: there is nothing to write again."),
    "still_unknown": N_("Nobody knows yet whether this arrived; the outbox settles that first."),
    "only_reports": N_("Here stand delivery reports alone, and nobody reads an answer to them."),
    "only_imported": N_("{account} holds imported mail only: add an account to answer from."),
    "files_not_able": N_("{account} cannot send files."),
    "file_lost": N_("{name} is not kept here any more. Attach it again."),
    "no_editor": N_("No editor is set. Set VISUAL or EDITOR, or `editor` in the settings."),
    "not_a_file": N_("{path} is no file."),
    "not_found": N_("There is no file {path}."),
    "unreadable": N_("{path} cannot be read."),
    "control_character": N_("A sign in {place} cannot be sent. Remove it."),
    # The store.
    "disk_full": N_("The disk is full. Nothing was changed; make room and do it again."),
    "full_and_taken": N_(
        "The disk is full, and another desk or command reads the store alone until there is room. Nothing was changed; "
        "make room and do it again."
    ),
    "no_more_files": N_(
        "The disk has no room for further files (`df -i`). Nothing was changed; delete some files and do it again."
    ),
    "quota_used_up": N_(
        "Your share of the disk is used up (`quota`). Nothing was changed; delete something, or have it raised, and do it "
        "again."
    ),
    "disk_refuses": N_(
        "The disk refused to read or write. Nothing was changed; check its health, quota and limits (`ulimit -f`) and do "
        "it again."
    ),
    "locked": N_("The store is busy. Nothing was changed; do it again in a moment."),
    "read_only": N_("The store cannot be written here. Check who owns its folder."),
    "network_file_system": N_(
        "The store lies on a network drive, where it would break. Choose a local folder with --home."
    ),
    "newer_version": N_("The store was written by a newer version. Update this one to open it."),
    "desk_failed": N_(
        "The desk ended by a mistake of its own ({kind}). What you wrote is kept as a draft; {path} tells the rest."
    ),
    "broken": N_("The store is damaged. `agent-tui doctor` says what can be done."),
    # Files that are saved.
    "save.no_content": N_("{name} is not kept here, so it cannot be saved."),
    "save.no_folder": N_("{folder} cannot be written: {reason}."),
    "save.too_many": N_("There are too many files named like {name} in the folder."),
    "save.disk_full": N_("{name} was not saved: {reason}."),
    "save.refused": N_("{name} was not saved: {reason}."),
    "attach.too_large": N_("{path} is too large to be sent."),
    "send.too_many": N_("{count} recipients are more than one message may have."),
    # Messages that were set aside.
    "fetch_answer": N_("The server's answer about it cannot be read."),
    "broken_answer": N_("The server's answer breaks off or runs on without end."),
    "no_body": N_("The server has it in its list, and nothing of its content."),
    "server_refused": N_("The server does not hand it out."),
    "server_silent": N_("The server ends the connection whenever it is asked for."),
    "empty": N_("It is empty."),
    "not_a_mail": N_("It is no mail."),
    "too_complex": N_("It is built in a way that cannot be read."),
    "reader_failed": N_("Reading it failed ({kind}); it is kept as it came."),
    "parse_error": N_("Reading it failed; it is kept as it came."),
    "parse_timeout": N_("Reading it took too long; it is kept as it came."),
    "ingest_error": N_("It could not be filed; it is kept as it came."),
    "no_such_part": N_("The file is not found in the message any more."),
}
"""Errors: `kind.code`, `code.reason` and `code`, looked for in this order. `{way}` is how one gets to what has to be mended."""

WARNINGS: Final[dict[str, str]] = {
    "two_from": N_("Names two senders: who wrote it is not certain."),
    "own_address": N_("Bears our own address, but came from outside: it may be forged."),
    "no_author": N_("Names no sender that could be read."),
    "reply_to_differs": N_("Answers would go to another address than the sender's."),
    "lookalike_sender": N_("The sender's address imitates another one."),
    "auth_failed": N_("The sender's server could not be confirmed: it may be forged."),
    "alternatives_differ": N_("Its plain text and its HTML say different things."),
    "hidden_text": N_("It holds words that mail programs do not show."),
    "encrypted": N_("Encrypted: it cannot be read here."),
    "signed": N_("Signed; the signature is not checked here."),
    "truncated": N_("Cut off here: it is too long to show whole."),
    "broken_mime": N_("Damaged on its way; some of it may be missing."),
    "link_differs": N_("A link leads elsewhere than its text says: {detail}."),
    "doubled_header": N_("Names its author or date twice: it may be forged."),
    "in_junk": N_("The mail server put it among its spam."),
    "no_headers": N_("Has no headers at all."),
    "recipients_cut": N_("Names more recipients than are kept here; the last of them are missing."),
    "text_cut": N_("Cut off here: it is longer than what is kept of a message."),
    "loop": N_("Seems to go in circles, so it opens and wakes nothing."),
    "partial": N_("Only its headers are here, it is large: the command `fetch.whole`{way} brings the rest."),
}
"""What is odd about a message."""

EVENTS: Final[dict[str, str]] = {
    "status": N_("{by} set the status to {to}"),
    "status.solve": N_("{by} solved it"),
    "status.reopen": N_("{by} opened it again"),
    "status.spam": N_("{by} marked it as spam"),
    "status.snooze": N_("{by} snoozed it"),
    "status.undo": N_("{by} took it back: {to} again"),
    "status.redo": N_("{by} set the status to {to} after all"),
    "status.customer_wrote": N_("Open again: the customer wrote"),
    "status.other_wrote": N_("Open again: {who} wrote"),
    "status.reply_queued": N_("Waits for the customer since the answer"),
    "status.rejected": N_("Open again: the answer was not sent"),
    "status.reply_came_back": N_("Open again: the answer came back"),
    "status.reply_may_be_back": N_("Open again: the answer may have come back"),
    "status.snooze_ended": N_("Awake again"),
    "status.out_of_junk": N_("No spam any more: it was moved out of the spam folder"),
    "status.backend": N_("The service set the status to {to}"),
    "assignee": N_("{by} assigned it to {to}"),
    "assignee.self": N_("{by} took it"),
    "assignee.nobody": N_("{by} gave it back to nobody"),
    "priority": N_("{by} set the priority to {to}"),
    "tags": N_("{by} changed the tags"),
    "tags.added": N_("{by} added {added}"),
    "tags.removed": N_("{by} took away {removed}"),
    "tags.both": N_("{by} added {added}, took away {removed}"),
    "snooze": N_("{by} snoozed it until {until}"),
    "woken": N_("Awake again"),
    "said_sent": N_("{by} said that the message in doubt was sent"),
    "loop": N_("Mail from {author} goes in circles: it is marked, and opens and wakes nothing"),
    "joined": N_("Joined with #{number}: a message that came ties the two together"),
    "twin": N_("The same letter seems to lie in #{number} as well"),
}
"""What happened to a conversation; `code.cause` comes before `code`."""

RULES: Final[dict[Rule, str]] = {
    Rule.IN_REPLY_TO: N_("It answers a message of this conversation."),
    Rule.REFERENCES: N_("It refers to a message of this conversation."),
    Rule.OUR_MESSAGE_ID: N_("It answers a message that left here."),
    Rule.NATIVE: N_("The service itself says that it belongs here."),
    Rule.DELIVERY_REPORT: N_("It reports on a message of this conversation."),
    Rule.OUTBOX: N_("It was written here."),
    Rule.NEW: N_("Nothing that was here when it came is tied to it: it began this conversation."),
    Rule.STRANGER: N_("It refers to another conversation, but its author had no part in that one: it began its own."),
    Rule.MOVED: N_("Somebody put it here."),
}
"""Why a message stands in its conversation."""

EVIDENCE: Final[dict[str, str]] = {
    "header": N_("Message-ID it goes by: {detail}"),
    "message": N_("Message here: {detail}"),
    "conversation": N_("Conversation: {detail}"),
    "shared": N_("Both name the same message: {detail}"),
    "field": N_("Found in: {detail}"),
    "reason": N_("Not joined because: {detail}"),
    "part": N_("Let in because: {detail}"),
    "written": N_("Written as: {detail}"),
}
"""What speaks for it, by the name of the parameter."""

EVIDENCE_VALUES: Final[dict[str, str]] = {
    "in_reply_to": N_("its In-Reply-To"),
    "references": N_("its References"),
    "answered_by": N_("a message here that answers it"),
    "forward": N_("a forward"),
    "came_later": N_("its head; that message came here later"),
    "shared": N_("References of both"),
    "report": N_("a delivery report"),
    "not_a_participant": N_("its author has no part in that conversation"),
    "no_author": N_("its author could not be read"),
    "crowd": N_("too many people take part in it"),
    "doubled": N_("several messages bear the Message-ID that it goes by"),
    "spam": N_("it is another customer's, and marked as spam"),
    "junk": N_("that one lies among spam on the server, and this one does not"),
    "distrusted": N_("the server doubts its sender, and put it among spam"),
    "several": N_("messages of several customers refer to it"),
    "name_each_other": N_("it and the message it goes by were each sent to the other one's author"),
}
"""Codes that stand as evidence."""

ACTIONS: Final[dict[str, str]] = {
    "solve": N_("Solved {numbers}."),
    "reopen": N_("Opened {numbers} again."),
    "spam": N_("Marked {numbers} as spam."),
    "status": N_("Status of {numbers}: {status}."),
    "snooze": N_("Snoozed {numbers}."),
    "assign": N_("Assigned {numbers} to {assignee}."),
    "unassign": N_("{numbers} belongs to nobody now."),
    "priority": N_("Priority of {numbers}: {priority}."),
    "tag": N_("Tags of {numbers}: {tags}."),
    "tag.added": N_("Tagged {numbers}: {added}."),
    "tag.removed": N_("Took a tag from {numbers}: {removed}."),
    "tag.added_removed": N_("Tagged {numbers}: {added}; took away {removed}."),
    "untag.removed": N_("Took a tag from {numbers}: {removed}."),
    "untag": N_("Took tags from {numbers}."),
    "read": N_("Read: {numbers}."),
    "unread": N_("Unread again: {numbers}."),
    "note": N_("Note on {numbers}."),
    "discard_draft": N_("Discarded the draft in {numbers}."),
    "discard_draft.new": N_("Discarded the draft of a new message to {to}."),
    "discard_message": N_("Discarded the message in {numbers} to {to} that was refused."),
    "send": N_("Message in {numbers}."),
    "send.held": N_("Message in {numbers} leaves in a few seconds."),
    "send.scheduled": N_("Message in {numbers} waits for its time."),
    "send.queued": N_("Message in {numbers} is on its way to {to}."),
    "send.sending": N_("Message in {numbers} is on its way to {to}."),
    "send.sent": N_("Sent {numbers} to {to}."),
    "send.rejected": N_("Message in {numbers} to {to} was refused{way}."),
    "send.unknown": N_("Message in {numbers} to {to}: whether it left is not known{way}."),
    "send.stopped": N_("Message in {numbers} to {to} is a draft again."),
}
"""What the agent did."""

ACTIVITY: Final[dict[str, str]] = {
    "connected": N_("Connected"),
    "connecting": N_("Connecting"),
    "waiting": N_("No connection; tried again by itself"),
    "refused": N_("Refused; waits for you"),
    "locked": N_("Its password is locked"),
    "off": N_("Off"),
    "sent": N_("A message was sent"),
    "rejected": N_("A message was not sent"),
    "sent_partly": N_("A message was sent to some of its recipients; tried again by itself for the others"),
    "send_postponed": N_("A message could not leave yet; tried again by itself"),
    "unknown": N_("Whether a message was sent is not known"),
    "proven_sent": N_("Found at the server: the message had been sent"),
    "not_proven": N_("Looked for in Sent: not there, so whether the message was sent is still not known"),
    "proven_unsent": N_("Not found at the server: the message had not been sent"),
    "copy_missing": N_("The message was sent, but no copy could be put into the Sent folder"),
    "remote_write_failed": N_("A change could not be made at the server"),
    "remote_write_lost": N_("A change had nothing left to be made to at the server"),
    "woken": N_("A snooze ended"),
    "recipient_refused": N_("The server refused {address}"),
    "history_done": N_("The whole history is here"),
    "held_back": N_("A message was not sent: the customer wrote first"),
    "held_back_by": N_("A message was not sent: {who} wrote first"),
    "set_aside": N_("A message could not be read and was set aside"),
}
"""What the program did."""

HELD_BACK: Final = N_("Not sent: {name} wrote first; your message is a draft again{way}.")
HELD_BACK_FOR: Final = N_("Not sent: {name} wrote first; your message for {time} is a draft again{way}.")
"""What the agent is told of a held message that did not go, and of one that was meant for a time."""

HINTS: Final[dict[str, str]] = {
    "unknown_field": N_("“{word}” is no field; did you mean {other}?"),
    "unknown_field.alone": N_("“{word}” is no field. Fields: from to subject tag is status priority before after has."),
    "unknown_value": N_("{word}: does not know “{written}”; did you mean {other}?"),
    "unknown_value.is": N_(
        "is: does not know “{written}”. It knows: unread read mine unassigned new open waiting snoozed solved closed spam"
        " low normal high urgent."
    ),
    "unknown_value.has": N_("has: does not know “{written}”. It knows: attachment note draft."),
    "unknown_value.status": N_(
        "status: does not know “{written}”. It knows: new open waiting snoozed solved closed spam."
    ),
    "unknown_value.priority": N_("priority: does not know “{written}”. It knows: low normal high urgent."),
    "unknown_tag": N_("No conversation has the tag “{written}”; did you mean {other}?"),
    "unknown_tag.alone": N_("No conversation has the tag “{written}”."),
    "not_a_date": N_("“{word}” is no date, so it was searched as text."),
    "no_value": N_("{word}: waits for a value."),
}
"""What the search says about a query."""

VALUES: Final[dict[str, str]] = {
    "new": N_("new"),
    "open": N_("open"),
    "waiting": N_("waiting"),
    "snoozed": N_("snoozed"),
    "solved": N_("solved"),
    "closed": N_("closed"),
    "spam": N_("spam"),
    "0": N_("low"),
    "1": N_("normal"),
    "2": N_("high"),
    "3": N_("urgent"),
}
"""Values of fields."""
