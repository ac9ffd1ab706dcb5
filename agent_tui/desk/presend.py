"""The look at a message before it goes: pure rules, each with its reason and a way on with one key.

What is quoted is not looked at, and neither is the signature: only what the agent wrote himself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent_tui.desk.circle import NOBODY as NO_CIRCLE, Circle
from agent_tui.desk.customers import NOBODY, Customer
from agent_tui.desk.leaks import card_numbers, secrets_in
from agent_tui.desk.promises import promise_in
from agent_tui.desk.quoting import ENGLISH, Phrases, own_words
from agent_tui.desk.recipients import Namesake, address_key, is_own, keys_of, plain_name
from agent_tui.domain.conversation import Status, TwinLetter
from agent_tui.domain.message import Automatic, Direction, Event, Item, Message, Note, Person
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.times import Micros

SHOWN = 3
FEW = 3
BEGINS = (DraftKind.NEW, DraftKind.FORWARD, DraftKind.AGAIN)
"""Kinds that no conversation says the recipients of."""


class Severity(StrEnum):
    """How much it weighs."""

    STOP = "stop"
    """It cannot go like this: no recipient, nothing to say."""
    WARN = "warn"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to look again. `fix` is what the key beside it does: a code for the screen."""

    code: str
    severity: Severity
    parameters: tuple[tuple[str, str], ...] = ()
    fix: str = ""
    """`read`, `drop`, `attach`, `edit`, `recipients`, `people`, or nothing but to send all the same."""
    people: tuple[str, ...] = ()
    """Addresses that `drop` takes out, or that it is about."""

    def get(self, name: str) -> str:
        """One parameter."""
        return dict(self.parameters).get(name, "")


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the rules look at."""

    draft: Draft
    status: Status | None
    """Of the conversation; None for a new one."""
    newer: Sequence[Item]
    """What came into the conversation after the draft last saw it."""
    proposed: Sequence[Person]
    """Whom an answer would have gone to by itself."""
    last_people: frozenset[str]
    """Everybody of the last message, folded."""
    known: frozenset[str]
    """Recipients that wrote to us or were written to before, folded; of what is written again, in other conversations."""
    own: frozenset[str]
    hard_bounced: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()
    """Whom only a report says not to exist: of what is written again."""
    again_at: Micros | None = None
    """When what is written again was written again before."""
    elsewhere: frozenset[str] = frozenset()
    """Whom only the Reply-To of the answered message names, folded."""
    circle: Circle = NO_CIRCLE
    with_whom: Customer = NOBODY
    met: Sequence[Person] = ()
    """Who wrote in the conversation."""
    namesakes: Sequence[Namesake] = ()
    agent: str = ""
    mail: bool = True
    recipients_cut: bool = False
    """What is answered names more than are kept here."""
    answered_elsewhere: bool = False
    """The customer was answered with another program, so says the server."""
    twins: Sequence[TwinLetter] = ()
    """What is answered, in other conversations."""
    phrases: Phrases = ENGLISH

    @property
    def words(self) -> str:
        """What the agent wrote himself."""
        return own_words(self.draft.text, self.phrases)

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody it goes to."""
        return (*self.draft.to, *self.draft.cc, *self.draft.bcc)

    @property
    def only_named(self) -> frozenset[str]:
        """Whom the answered message names and nobody here ever heard of, folded. Only a Reply-To is no such naming."""
        named = keys_of(self.proposed) | self.last_people
        return frozenset(key for key in named - self.elsewhere - self.known if not is_own(key, self.own))

    @property
    def strangers_to_him(self) -> tuple[Person, ...]:
        """Who get an answer of which the customer gets nothing; nobody where he gets it."""
        people = tuple(person for person in self.people if not is_own(person.address, self.own))
        answers = self.draft.kind in (DraftKind.REPLY, DraftKind.REPLY_ALL)
        return people if answers and self.mail and self.with_whom.misses(people) else ()


Rule = Callable[[Situation], Iterable[Finding]]


def check(situation: Situation) -> tuple[Finding, ...]:
    """All findings, the heaviest first."""
    found = [finding for rule in RULES for finding in rule(situation)]
    weight = [Severity.STOP, Severity.WARN, Severity.NOTICE]
    return tuple(sorted(found, key=lambda finding: weight.index(finding.severity)))


def no_recipient(now: Situation) -> Iterable[Finding]:
    """Nobody would get it."""
    if not now.people and now.mail:
        yield Finding("no_recipient", Severity.STOP, fix="recipients")


def nothing_said(now: Situation) -> Iterable[Finding]:
    """There is no text of the agent's own. Handing on needs none, and a file may speak for itself."""
    if not now.words and not now.draft.files and now.draft.kind not in (DraftKind.FORWARD, DraftKind.AGAIN):
        yield Finding("empty", Severity.STOP, fix="edit")


def newer_unseen(now: Situation) -> Iterable[Finding]:
    """The customer wrote again while the answer was being written."""
    came = [
        item
        for item in now.newer
        if isinstance(item, Message) and item.direction is Direction.IN and item.automatic is not Automatic.REPORT
    ]
    if came:
        last = came[-1]
        yield Finding(
            "newer_message",
            Severity.WARN,
            (("name", last.author.shown), ("at", str(last.arrived_at)), ("count", str(len(came)))),
            "read",
        )


def colleague_answered(now: Situation) -> Iterable[Finding]:
    """Somebody else of the team answered, or left a note, since the draft last saw the conversation."""
    for item in reversed(now.newer):
        if isinstance(item, Message) and item.direction is Direction.OUT:
            yield Finding(
                "other_answered",
                Severity.WARN,
                (("name", item.author.shown), ("at", str(item.arrived_at))),
                "read",
            )
            return
        if isinstance(item, Note) and item.author.casefold() != now.agent.casefold():
            yield Finding("new_note", Severity.WARN, (("name", item.author), ("at", str(item.created_at))), "read")
            return
        if isinstance(item, Event) and item.code == "assignee" and item.by and item.by != now.agent:
            continue


def elsewhere_answered(now: Situation) -> Iterable[Finding]:
    """What is to be answered was answered already, by somebody whose answer is not here."""
    if now.answered_elsewhere and now.draft.kind in (DraftKind.REPLY, DraftKind.REPLY_ALL):
        yield Finding("answered_elsewhere", Severity.WARN)


def twin_answered(now: Situation) -> Iterable[Finding]:
    """The letter came by two addresses of ours, and is answered, or about to be, where the other one lies."""
    if now.draft.kind not in (DraftKind.REPLY, DraftKind.REPLY_ALL):
        return
    for twin in now.twins:
        if twin.answered:
            at = (("at", str(twin.answered_at)),) if twin.answered_at is not None else ()
            yield Finding("twin_answered", Severity.WARN, (("number", str(twin.number)), *at))
        elif twin.begun:
            yield Finding("twin_begun", Severity.WARN, (("number", str(twin.number)),))


def strangers(now: Situation) -> Iterable[Finding]:
    """Somebody gets this who was in nothing here before, or was not in the last message."""
    if now.draft.kind in BEGINS or not now.mail:
        return
    proposed = keys_of(now.proposed) | now.last_people
    for person in now.people:
        key = address_key(person.address)
        if is_own(key, now.own) or key in proposed or key in now.elsewhere:
            continue
        code = "not_in_last" if key in now.known else "first_time"
        severity = Severity.NOTICE if key in now.known else Severity.WARN
        yield Finding(code, severity, (("name", person.shown), ("address", person.address)), "drop", (person.address,))


def not_in_first(now: Situation) -> Iterable[Finding]:
    """What is written again goes to somebody who is known here, and whom the first one was not for.

    Another address is what it is written again for: one that nobody here ever heard of is no surprise, nor one of the
    same side of the conversation.
    """
    if now.draft.kind is not DraftKind.AGAIN or not now.mail:
        return
    side, unreached = now.with_whom.side, keys_of(now.proposed)
    meant = now.last_people
    if not side.isdisjoint(unreached):
        meant |= side
    if unreached - side:
        meant |= now.circle.partners - side
    for person in now.people:
        key = address_key(person.address)
        if key in (now.known | now.circle.partners) - meant and not is_own(key, now.own):
            yield Finding("not_in_first", Severity.WARN, (("address", person.address),), "recipients")


def written_again(now: Situation) -> Iterable[Finding]:
    """Who got it by the second one would get it twice."""
    if now.draft.kind is DraftKind.AGAIN and now.again_at is not None:
        yield Finding("written_again", Severity.WARN, (("at", str(now.again_at)),))


def many_new(now: Situation) -> Iterable[Finding]:
    """The one who is answered chose many others who get it too, and nobody here ever heard of them.

    One or two are a customer's colleagues; many are how somebody else's list gets an answer of ours.
    """
    if now.draft.kind not in (DraftKind.REPLY, DraftKind.REPLY_ALL) or not now.mail:
        return
    only_named = now.only_named
    new = [p.address for p in now.people if address_key(p.address) in only_named]
    if len(new) > FEW:
        yield Finding(
            "many_new", Severity.WARN, (("count", str(len(new))), ("all", str(len(now.people)))), "people", tuple(new)
        )


def somebody_else(now: Situation) -> Iterable[Finding]:
    """Who is answered stands in the conversation, and is not whom it is with.

    He may be a colleague of the customer; but his own word alone brought him in, or that of a mail in doubt. One who
    bears another one's name may be so by chance, and may want to be taken for him.
    """
    if now.draft.kind not in (DraftKind.REPLY, DraftKind.REPLY_ALL) or not now.mail or not now.circle.partners:
        return
    names = {address_key(person.address): person.name for person in now.met}
    for person in now.people:
        key = address_key(person.address)
        if key in now.circle.sure or key in now.elsewhere or key not in names or is_own(key, now.own):
            continue
        name = plain_name(names[key] or person.name)
        same = [one for one in now.met if plain_name(one.name) == name and address_key(one.address) != key]
        same = [one for one in same if not is_own(one.address, now.own)]
        known = [one for one in same if address_key(one.address) in now.circle.partners]
        about = ("address", str(person.address))
        named_by_him = key in now.circle.partners
        if name and (known if named_by_him else same):
            other = (known or same)[0]
            yield Finding(
                "namesake", Severity.WARN, (about, ("name", other.name), ("other", other.address)), "recipients"
            )
        elif not named_by_him and not now.strangers_to_him and not _of_their_house(key, now.circle.partners):
            yield Finding("somebody_else", Severity.WARN, (about, ("customer", now.circle.customer)), "recipients")


def only_in_doubt(now: Situation) -> Iterable[Finding]:
    """What is answered may be forged, and nothing else here tells of these who get the answer."""
    if now.draft.kind not in (DraftKind.REPLY, DraftKind.REPLY_ALL) or not now.mail:
        return
    unsure = now.circle.only_in_doubt - now.elsewhere
    people = [p.address for p in now.people if address_key(p.address) in unsure and not is_own(p.address, now.own)]
    if people:
        yield Finding("only_in_doubt", Severity.WARN, (("name", _some(people)),), "people", tuple(people))


def customer_misses(now: Situation) -> Iterable[Finding]:
    """Who is answered was brought in by us, and the customer gets nothing of it. Whether he was meant is asked once:
    whom we answered so before is answered so again.
    """
    people = now.strangers_to_him
    if people and keys_of(people) not in now.with_whom.asked:
        told = (("customer", now.with_whom.name), ("name", _some([person.address for person in people])))
        yield Finding("customer_misses", Severity.WARN, told, "recipients")


def _some(addresses: Sequence[str]) -> str:
    return ", ".join(addresses[:SHOWN]) + (", …" if len(addresses) > SHOWN else "")


def namesakes(now: Situation) -> Iterable[Finding]:
    """A message begins with somebody whose name is known here with another address, too.

    In an answer the conversation says who is meant. What is written again goes to another address than before, on
    purpose, most often of the same person.
    """
    if now.draft.kind not in BEGINS:
        return
    replaced = keys_of(now.proposed) if now.draft.kind is DraftKind.AGAIN else frozenset()
    for one in now.namesakes:
        if address_key(one.other.address) in replaced:
            continue
        severity = Severity.WARN if one.doubtful else Severity.NOTICE
        about = (("address", str(one.address)), ("name", one.other.name), ("other", one.other.address))
        yield Finding("same_name", severity, about, "recipients")


def _of_their_house(key: str, partners: frozenset[str], *, below: bool = False) -> bool:
    """He has an address of the same domain as one of them, and it is not one that everybody may have.

    With `below`, of one that stands below the other, too: `mail.shop.example` and `shop.example` are one house.
    """
    from agent_tui.content.mail_for_all import is_mail_for_all  # heavy, and few answers need it

    domain = key.rpartition("@")[2]
    if is_mail_for_all(domain):
        return False
    theirs = {partner.rpartition("@")[2] for partner in partners}
    return domain in theirs or (
        below and any(_stands_below(domain, one) or _stands_below(one, domain) for one in theirs)
    )


def _stands_below(domain: str, upper: str) -> bool:
    from agent_tui.content.mail_for_all import is_mail_for_all

    return "." in upper and domain.endswith("." + upper) and not is_mail_for_all(upper)


def left_out(now: Situation) -> Iterable[Finding]:
    """The one who asked does not get the answer."""
    if now.draft.kind not in (DraftKind.REPLY, DraftKind.REPLY_ALL) or not now.people:
        return
    present = keys_of(now.people)
    missing = [p for p in now.proposed[:1] if address_key(p.address) not in present]
    side = now.with_whom.side
    if missing and side and not side.isdisjoint(present) and side.isdisjoint(keys_of(missing)):
        return  # the answer goes to the customer, and not to whom we had asked
    for person in missing:
        yield Finding("customer_left_out", Severity.WARN, (("name", person.shown), ("address", person.address)))


def reply_to_differs(now: Situation) -> Iterable[Finding]:
    """The answer goes to another address than the customer wrote from.

    It weighs more where that one has no part in the conversation: that he wrote of something else makes him no part
    of this. All of them are named: the one that matters may be the last.
    """
    if now.draft.kind not in (DraftKind.REPLY, DraftKind.REPLY_ALL):
        return
    there = [person for person in now.people if address_key(person.address) in now.elsewhere]
    if there:
        keys = [address_key(person.address) for person in there]
        familiar = all(
            key in now.circle.taking_part or _of_their_house(key, now.circle.taking_part, below=True) for key in keys
        )
        to = ", ".join(person.address for person in there)
        severity = Severity.NOTICE if familiar else Severity.WARN
        yield Finding("reply_to_differs", severity, (("address", to),), "recipients")


_PLACEHOLDER = re.compile(
    r"\{\{[^{}\n]{0,80}\}\}|\{%[^%\n]{0,80}%\}|<<[^<>\n]{1,60}>>|%%\w{1,40}%%|\$\{\w{1,40}\}"
    r"|(?<![\w\]!])\[(?:[^\W\d_][\w .'’-]{0,40})\](?![(\[])"
    r"|(?<!\w)_{3,}(?!\w)|(?<!\w)(?:XXX+|TODO|TBD)(?!\w)"
)
_NO_PLACEHOLDER = re.compile(r"\[(?:x|sic|ok|image\b[^\]]*|cid\b[^\]]*|[^\]\s]*[.:/@][^\]]*)\]", re.IGNORECASE)


def placeholders(now: Situation) -> Iterable[Finding]:
    """Something was to be filled in and was not: `{{name}}`, `[name]`, `___`. An answer has the subject of others."""
    text = f"{now.draft.subject}\n{now.words}" if now.draft.kind is DraftKind.NEW else now.words
    found = [
        m.group()
        for m in _PLACEHOLDER.finditer(text)
        if not _NO_PLACEHOLDER.fullmatch(m.group()) and not _is_rule(text, m)
    ]
    if found:
        shown = ", ".join(dict.fromkeys(piece[:30] for piece in found[:SHOWN]))
        yield Finding("placeholder", Severity.WARN, (("text", shown),), "edit")


def _is_rule(text: str, match: re.Match[str]) -> bool:
    """A whole line of underscores parts sections."""
    if not match.group().startswith("_"):
        return False
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return text[start : None if end < 0 else end].strip("_ ") == "" and len(match.group()) >= 5


def promised_file(now: Situation) -> Iterable[Finding]:
    """The text speaks of an attachment and there is none."""
    promise = "" if now.draft.files else promise_in(now.words)
    if promise:
        yield Finding("no_attachment", Severity.WARN, (("text", promise),), "attach")


def card_number(now: Situation) -> Iterable[Finding]:
    """A number that a card could have."""
    for number in card_numbers(now.words)[:1]:
        yield Finding("card_number", Severity.WARN, (("text", f"…{number[-4:]}"),), "edit")


def secret_text(now: Situation) -> Iterable[Finding]:
    """Something that looks like a password or a key."""
    for kind in secrets_in(now.words)[:1]:
        yield Finding("secret", Severity.WARN, (("kind", kind),), "edit")


def finished(now: Situation) -> Iterable[Finding]:
    """The conversation is closed, or spam."""
    if now.status in (Status.CLOSED, Status.SPAM):
        yield Finding("conversation_" + now.status.value, Severity.WARN)


def bounced(now: Situation) -> Iterable[Finding]:
    """An address that a delivery report said does not exist; one that is not proven is told as what it says."""
    for person in now.people:
        key = address_key(person.address)
        if key in now.hard_bounced or key in now.doubted:
            code = "bounced_address" if key in now.hard_bounced else "doubted_address"
            yield Finding(code, Severity.WARN, (("address", person.address),), "recipients", (person.address,))


def not_to_all(now: Situation) -> Iterable[Finding]:
    """Whoever answers all, and cannot, is told so."""
    if now.draft.kind is DraftKind.REPLY_ALL and now.recipients_cut:
        yield Finding("recipients_cut", Severity.WARN)


def no_subject(now: Situation) -> Iterable[Finding]:
    """A mail that begins a conversation has a subject."""
    if now.mail and now.draft.kind in BEGINS and not now.draft.subject.strip():
        yield Finding("no_subject", Severity.NOTICE, fix="edit")


RULES: tuple[Rule, ...] = (
    no_recipient,
    nothing_said,
    newer_unseen,
    colleague_answered,
    elsewhere_answered,
    twin_answered,
    written_again,
    strangers,
    not_in_first,
    many_new,
    not_to_all,
    somebody_else,
    only_in_doubt,
    customer_misses,
    namesakes,
    left_out,
    bounced,
    reply_to_differs,
    placeholders,
    promised_file,
    card_number,
    secret_text,
    finished,
    no_subject,
)
