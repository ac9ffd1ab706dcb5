"""What customers do: they begin, wait for our answer, lose patience, answer, and are satisfied at last.

Everything they are about to do is a plan in the records. The deeds are `begin` (a script), `turn` (the next
turn of a conversation), `nudge` (no answer came), `closing` (an answer beyond the script), `bounce`, and
`walk_in` (somebody new, for as long as one watches).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from agent_tui.backends.demo import letters, wording
from agent_tui.backends.demo.agenda import Plan
from agent_tui.backends.demo.cast import DOMAINS, Cast, Person
from agent_tui.backends.demo.records import Message, Records, Thread
from agent_tui.domain.times import SECOND, Micros

PATIENT_ROUNDS = 2
"""So often a customer answers when the script is at its end."""
NEW_EVERY = (50, 110)
"""Seconds between two new customers at first: whoever looks in for a few minutes sees the desk live."""
CALMER = 6
"""With each so many of them it takes as long once more: nobody in a small company is written to every minute all day."""


class Customers:
    """All customers of one service. Works inside a transaction of the records."""

    def __init__(self, records: Records, cast: Cast, seed: int, speed: float = 1.0) -> None:
        self._records = records
        self._cast = cast
        self._seed = seed
        self._speed = speed

    def open_the_shop(self, at: Micros) -> None:
        """Plan the stories of the day."""
        last = 0
        for script in wording.scripts("live"):
            if script.at is not None:
                self._plan(at, script.at, "begin", script.id)
                last = max(last, script.at)
        self._plan(at, min(last, 240), "walk_in", "1")

    def do(self, plan: Plan) -> None:
        """Let a plan come true."""
        random = self._random(f"{plan.deed}:{plan.subject}:{plan.id}")
        match plan.deed:
            case "begin":
                self._begin(wording.script(plan.subject), plan.due_at, random)
            case "walk_in":
                self._walk_in(int(plan.subject), plan.due_at, random)
            case _:
                thread = self._records.thread(plan.subject)
                if thread is not None:
                    {"turn": self._turn, "nudge": self._nudge, "closing": self._closing, "bounce": self._bounce}[
                        plan.deed
                    ](thread, plan.due_at, random)

    def begin(self, script: wording.Script, person: Person, thread_id: str, random: Random) -> Thread:
        """A conversation before its first word."""
        facts = wording.facts(random) | {"name": person.first_name, "city": person.city, "full_name": person.name}
        subject = wording.fill(random.choice(script.subjects), facts, person.gender) if script.subjects else ""
        thread = Thread(thread_id, script.channel, script.id, person.address, 0, subject, facts)
        self._records.keep(thread)
        return thread

    def answered(self, thread: Thread, text: str, at: Micros) -> None:
        """We answered: the customer reads it, and goes on."""
        random = self._random(f"answered:{thread.id}:{thread.position}:{thread.rounds}")
        self._records.agenda.call_off(thread.id)
        turns = wording.script(thread.script).turns if thread.script else ()
        position = thread.position
        while position < len(turns) and turns[position].by == "us":
            position += 1
        thread = replace(thread, position=position)
        self._records.keep(thread)
        if position < len(turns):
            self._plan(at, random.randint(*turns[position].after), "turn", thread.id)
        elif _wants_to_answer(thread, text):
            wait = (8, 20) if thread.channel == "chat" else (25, 60)
            facts = {**thread.facts, "asked": "yes" if "?" in text else ""}
            self._records.keep(replace(thread, facts=facts))
            self._plan(at, random.randint(*wait), "closing", thread.id)

    def written_to(self, address: str, subject: str, raw: bytes, at: Micros) -> Thread:
        """We wrote to somebody who had not written. Nobody is there outside our own domains: it comes back."""
        person = self._cast.get(address)
        thread_id = f"mail-out-{self._records.newest('email') + 1}"
        known = person or Person(address, address, "m", "en", "")
        facts = {"name": known.first_name, "city": known.city, "full_name": known.name, "order": "AU-20417"}
        thread = Thread(thread_id, "email", "", address, 0, subject, facts)
        self._records.keep(thread)
        if person is not None:
            self._plan(at, 40, "closing", thread_id)
        else:
            reason = "550 5.1.1 No such user here"
            if address.rsplit("@", 1)[-1] not in {domain for domains in DOMAINS.values() for domain in domains}:
                reason = "550 5.1.1 This is a demonstration: nothing leaves this machine"
            self._records.keep(replace(thread, facts={**facts, "reason": reason}))
            self._plan(at, 4, "bounce", thread_id)
        return thread

    # Deeds

    def _begin(self, script: wording.Script, at: Micros, random: Random) -> None:
        person = self._cast[script.who["address"]] if script.who else self._cast.anyone(script.language, random)
        thread = self.begin(script, person, f"live-{script.id}", random)
        self._turn(thread, at, random)

    def _walk_in(self, number: int, at: Micros, random: Random) -> None:
        script = random.choice([script for script in wording.scripts("past") if not script.once])
        person = self._cast.anyone(script.language, random)
        thread = self.begin(script, person, f"walk-in-{number}", random)
        self._turn(thread, at, random)
        wait = random.randint(*NEW_EVERY) * (1 + number / CALMER)
        self._plan(at, int(wait), "walk_in", str(number + 1))

    def _turn(self, thread: Thread, at: Micros, random: Random) -> None:
        """Say the next turn, and see what comes behind it."""
        turns = wording.script(thread.script).turns
        turn = turns[thread.position]
        if turn.channel and turn.channel != thread.channel:
            thread = self._change_channel(thread, turn)
        self.say(thread, turn, at, random)
        thread = replace(thread, position=thread.position + 1)
        self._records.keep(thread)
        if thread.position < len(turns) and turns[thread.position].by != "us":
            self._plan(at, random.randint(*turns[thread.position].after), "turn", thread.id)
        elif turn.nudge:
            self._plan(at, turn.patience, "nudge", thread.id)

    def _nudge(self, thread: Thread, at: Micros, random: Random) -> None:
        said = wording.script(thread.script).turns[thread.position - 1]
        self.say(thread, wording.Turn(by="customer", texts=(said.nudge,), after=(0, 0)), at, random)

    def _closing(self, thread: Thread, at: Micros, random: Random) -> None:
        phrases = wording.phrases(self._cast[thread.person].language)
        if not thread.script and thread.rounds == 0:
            texts = phrases.call_back
        else:
            texts = phrases.details if thread.facts.get("asked") else phrases.thanks
        self.say(thread, wording.Turn(by="customer", texts=texts, after=(0, 0)), at, random)
        self._records.keep(replace(thread, rounds=thread.rounds + 1))

    def _bounce(self, thread: Thread, at: Micros, random: Random) -> None:
        reason = thread.facts.get("reason", "550 5.1.1 No such user here")
        self._report(thread, reason, at)

    def _change_channel(self, thread: Thread, turn: wording.Turn) -> Thread:
        """The same customer goes on by another road: a conversation of its own there."""
        self._records.keep(replace(thread, position=len(wording.script(thread.script).turns)))
        subject = wording.fill(turn.subject, thread.facts, self._cast[thread.person].gender)
        return replace(thread, id=f"{thread.id}-{turn.channel}", channel=turn.channel, subject=subject)

    # Words

    def say(self, thread: Thread, turn: wording.Turn, at: Micros, random: Random, seen: bool = False) -> None:
        """One turn becomes a message."""
        if turn.by == "bounce":
            self._report(thread, "550 5.1.1 <" + thread.person + ">: recipient unknown", at)
            return
        person = self._cast[thread.person]
        text = wording.fill(random.choice(turn.texts), thread.facts, person.gender)
        if thread.channel == "chat":
            self._chat_line(thread, turn, text, at, seen)
        else:
            self._letter(thread, turn, text, at, random, seen)

    def _chat_line(self, thread: Thread, turn: wording.Turn, text: str, at: Micros, seen: bool) -> None:
        person = self._cast[thread.person]
        ours = turn.by == "us"
        files = []
        for name in turn.files:
            maintype, subtype, content = letters.file(name)
            files.append((name, f"{maintype}/{subtype}", content))
        number = len(self._records.thread_messages(thread.id)) + 1
        self._records.add(
            Message(
                channel="chat",
                native_id=f"{thread.id}/{number}",
                thread=thread.id,
                outgoing=ours,
                arrived_at=at,
                author="aurora" if ours else person.handle,
                name=letters.OUR_NAME if ours else person.name,
                text=text,
                files=files,
                seen=seen or ours,
            )
        )

    def _letter(self, thread: Thread, turn: wording.Turn, text: str, at: Micros, random: Random, seen: bool) -> None:
        person = self._cast[thread.person]
        phrases = wording.phrases(person.language)
        earlier = [message for message in self._records.thread_messages(thread.id) if message.channel == "email"]
        customer, us = (person.name, person.address), (letters.OUR_NAME, letters.OUR_ADDRESS)
        ours = turn.by == "us"
        headers: Mapping[str, str] = wording.script(thread.script).headers or {} if thread.script else {}
        subject = thread.subject if not earlier else f"Re: {thread.subject}"
        quoted = None
        if turn.by == "out_of_office":
            headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", **headers}
            subject = f"Automatic reply: {thread.subject}"
        elif ours:
            text += phrases.our_signature
        else:
            if not _named(thread):
                text += random.choice(phrases.regards).format(name=person.name) if not earlier else ""
                text += random.choice(phrases.device)
            quoted = _quote(earlier, phrases, person)
        domain = "aurora.example" if ours else person.address.rsplit("@", 1)[-1]
        message_id = f"{thread.id.replace(':', '-')}.{len(earlier) + 1}@{domain}"
        letter = letters.Letter(
            author=us if ours else customer,
            to=[customer if ours else us],
            subject=subject,
            text=text,
            at=at,
            message_id=message_id,
            language=person.language,
            references=[message.native_id for message in earlier][-12:],
            quoted=quoted,
            rich=not ours and random.random() < 0.4,
            files=turn.files,
            headers=headers,
        )
        self._keep_mail(thread, message_id, letters.write(letter), at, outgoing=ours, seen=seen or ours)

    def _report(self, thread: Thread, reason: str, at: Micros) -> None:
        ours = [message for message in self._records.thread_messages(thread.id) if message.outgoing]
        if not ours:
            return
        message_id = f"bounce.{ours[-1].seq}@mx.aurora.example"
        if self._records.by_native_id(message_id) is None:
            raw = letters.bounce(ours[-1].raw, ours[-1].native_id, thread.person, at, message_id, reason)
            self._keep_mail(thread, message_id, raw, at, outgoing=False, seen=False)

    def _keep_mail(
        self, thread: Thread, message_id: str, raw: bytes, at: Micros, *, outgoing: bool, seen: bool
    ) -> None:
        self._records.add(Message("email", message_id, thread.id, outgoing=outgoing, arrived_at=at, raw=raw, seen=seen))

    # Chance and time

    def _random(self, purpose: str) -> Random:
        """Chance that is the same for the same seed, whatever happened before."""
        return Random(f"{self._seed}:{purpose}")  # noqa: S311

    def _plan(self, at: Micros, seconds: int, deed: str, subject: str) -> None:
        self._records.agenda.plan(Micros(at + int(seconds * SECOND / self._speed)), deed, subject)


def _named(thread: Thread) -> bool:
    """Its customer is somebody in particular, who signs as he likes."""
    return bool(thread.script) and wording.script(thread.script).who is not None


def _wants_to_answer(thread: Thread, text: str) -> bool:
    """At the end of a script: most say thanks, people of a story answer only questions, machines nothing."""
    if thread.script and wording.script(thread.script).outcome == "spam":
        return False
    if _named(thread):
        return "?" in text and thread.rounds == 0
    return thread.rounds < PATIENT_ROUNDS


def _quote(earlier: list[Message], phrases: wording.Phrases, person: Person) -> letters.Quoted | None:
    ours = [message for message in earlier if message.outgoing]
    if not ours:
        return None
    last = ours[-1]
    return letters.Quoted(
        letters.heading(phrases.quote, last.arrived_at, person.language, letters.OUR_NAME), letters.plain_text(last.raw)
    )
