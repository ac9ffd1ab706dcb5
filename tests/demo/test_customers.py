"""The customers live: they write by the clock, answer what we say, and lose patience."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from agent_tui.backends.demo import letters, wording
from agent_tui.backends.demo.records import Message
from agent_tui.domain.times import DAY, SECOND, Micros
from tests.demo.service import ALL, START, Service, answer

DELAYED = [
    f"live-{language}:delay-{language}-{n}"
    for language, many in (("en", 5), ("uk", 5), ("ru", 4))
    for n in range(1, many + 1)
]


def _reply(service: Service, thread: str, text: str) -> None:
    last = service.said(thread)[-1]
    if last.channel == "chat":
        service.server.take_chat(thread, text, [], f"token-{last.seq}")
        return
    item = answer(last, text, f"token-{last.seq}@aurora.example")
    service.server.take_mail(item.raw, item.envelope_to, item.token)


def _mail(message: Message) -> EmailMessage:
    mail = message_from_bytes(message.raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path / "service.db")


def test_the_same_seed_gives_the_same_world(tmp_path: Path, service: Service) -> None:
    again = Service(tmp_path / "again.db", anew=True)
    other = Service(tmp_path / "other.db", seed=2)
    for one in (service, again, other):
        one.watch(120)

    def world(one: Service) -> list[Message]:
        return [*one.server.after("email", 0, 9999), *one.server.after("chat", 0, 9999)]

    assert world(service) == world(again)
    assert world(service) != world(other)


def test_months_of_history_in_three_languages(service: Service) -> None:
    threads = service.server.records.threads()
    assert len(threads) >= 200
    languages = {wording.script(thread.script).language for thread in threads}
    assert languages == {"en", "uk", "ru"}
    mails = service.server.after("email", 0, 9999)
    times = [mail.arrived_at for mail in mails]
    assert times == sorted(times)
    assert START - times[0] > 90 * DAY
    assert times[-1] < START
    assert len({thread.person for thread in threads}) < len(threads), "somebody wrote more than once"
    texts = {letters.plain_text(mail.raw) for mail in mails}
    assert len(texts) > 0.9 * len(mails)


def test_every_mail_can_be_read_by_the_standard(service: Service) -> None:
    service.watch(460)
    for message in service.server.after("email", 0, 9999):
        mail = _mail(message)
        assert not mail.defects
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            assert mail[name], (name, message.native_id)
        assert not [part for part in mail.walk() if part.defects]
        assert "{" not in letters.plain_text(message.raw)


def test_the_day_has_its_stories(service: Service) -> None:
    service.watch(480)
    begun = {thread.id for thread in service.server.records.threads() if thread.id.startswith("live-")}
    assert begun == {f"live-{script.id}" for script in wording.scripts("live")}
    assert set(DELAYED) <= begun
    assert len(DELAYED) == 14


def test_a_customer_answers_in_the_language_he_wrote(service: Service) -> None:
    thread = "live-uk:refund-late-second"
    service.watch(5)
    _reply(service, thread, "Переказ відправлено вчора, номер 4417.")
    service.watch(60)
    back = _mail(service.said(thread)[-1])
    text = letters.plain_text(service.said(thread)[-1].raw)
    assert "З номером переказу піду в банк" in text
    assert "> Переказ відправлено вчора, номер 4417." in text
    assert back["In-Reply-To"] == f"<{service.said(thread)[-2].native_id}>"
    assert not service.said(thread)[-1].outgoing


def test_who_gets_no_answer_asks_again_once(service: Service) -> None:
    service.watch(60)
    assert len(service.said("live-uk:refund-late-second")) == 1
    service.watch(420)
    assert len(service.said("live-uk:refund-late-second")) == 2
    service.watch(600)
    assert len(service.said("live-uk:refund-late-second")) == 2


def test_an_answer_calls_the_reminder_off(service: Service) -> None:
    thread = "live-en:angry"
    service.watch(80)
    _reply(service, thread, "The refund left today, and the Ember Duo is off the shelf.")
    service.watch(600)
    said = [message for message in service.said(thread) if not message.outgoing]
    assert len(said) == 2
    assert "ED2-0817-334" in letters.plain_text(said[-1].raw)


def test_a_purchase_begins_in_chat_and_goes_on_by_mail(service: Service) -> None:
    chat = "live-en:tent-by-chat"
    service.watch(25)
    _reply(service, chat, "Take the 3.")
    service.watch(30)
    _reply(service, chat, "Of course.")
    service.watch(60)
    [mail] = service.said(f"{chat}-email")
    handle = service.said(chat)[0].author
    assert _mail(mail)["From"].addresses[0].addr_spec == service.server.vouched_address(handle)
    _reply(service, f"{chat}-email", "Here is the receipt.")
    service.watch(70)
    assert len(service.said(f"{chat}-email")) == 3


def test_machines_answer_too(service: Service) -> None:
    service.watch(360)
    _reply(service, "live-en:out-of-office", "Our offer is attached.")
    _reply(service, "live-en:bounced", "Thirty degrees, and a tennis ball in the dryer.")
    service.watch(20)
    away = _mail(service.said("live-en:out-of-office")[-1])
    assert away["Auto-Submitted"] == "auto-replied"
    report = _mail(service.said("live-en:bounced")[-1])
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
    assert "nora.fenwick@example.com" in status.as_string()
    service.watch(300)
    assert len(service.said("live-en:bounced")) == 3, "one report, and nobody answers behind it"


def test_mail_to_nobody_comes_back(service: Service) -> None:
    raw = b"From: support@aurora.example\r\nTo: someone@gmail.com\r\nMessage-ID: <x@aurora.example>\r\n\r\nHello\r\n"
    service.server.take_mail(raw, ["someone@gmail.com"], "x@aurora.example")
    service.watch(10)
    last = service.server.before("email", ALL, 3)
    [report] = [message for message in last if message.native_id.startswith("bounce.")]
    assert b"nothing leaves this machine" in report.raw


def test_time_stands_still_while_nobody_looks(service: Service) -> None:
    service.watch(20)
    before = service.server.count("email", ALL), service.server.count("chat", ALL)
    service.clock.now = Micros(service.clock.now + 3 * DAY)
    service.server.advance()
    assert (service.server.count("email", ALL), service.server.count("chat", ALL)) == before
    service.watch(20)
    assert service.server.count("chat", ALL) > before[1]
    arrived = service.server.before("chat", ALL, 1)[0].arrived_at
    assert service.clock.now - arrived < 60 * SECOND


def test_a_clock_that_goes_back_brings_no_flood(service: Service) -> None:
    service.watch(20)
    service.clock.now = Micros(service.clock.now - DAY)
    before = service.server.count("email", ALL)
    service.server.advance()
    assert service.server.count("email", ALL) == before
    service.watch(30)
    assert service.server.count("email", ALL) > before


def test_forms_fit_the_person() -> None:
    assert wording.fill("я {замовив|замовила} {tent}", {"tent": "Lumen"}, "f") == "я замовила Lumen"
    assert wording.fill("не писал{|а}", {}, "m") == "не писал"
    assert wording.fill("не писал{|а}", {}, "f") == "не писала"


def test_every_text_can_be_filled() -> None:
    from random import Random

    facts = wording.facts(Random(1)) | {"name": "N", "city": "C", "full_name": "N N"}
    for kind in ("past", "live"):
        for script in wording.scripts(kind):
            for gender in ("m", "f"):
                for turn in script.turns:
                    for text in (*turn.texts, turn.nudge, turn.subject, *script.subjects):
                        assert "{" not in wording.fill(text, facts, gender)
