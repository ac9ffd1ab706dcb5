"""The small parts: sets of UIDs, names of folders, cursors, arguments."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from agent_tui.backends.imap.cursor import HistoryCursor, Past, Place, PullCursor
from agent_tui.backends.imap.fetching import parse_fetch
from agent_tui.backends.imap.names import ForbiddenArgument, checked, decode_folder, encode_folder, quoted
from agent_tui.backends.imap.options import ImapOptions
from agent_tui.backends.imap.uidset import UidSet

UIDS = st.sets(st.integers(1, 300))


@given(UIDS, UIDS)
def test_sets_of_uids_behave_as_sets(a: set[int], b: set[int]) -> None:
    x, y = UidSet.of(a), UidSet.of(b)
    assert set(x) == a
    assert len(x) == len(a)
    assert set(x | y) == a | b
    assert set(x & y) == a & b
    assert set(x - y) == a - b
    assert UidSet.parse(str(x)) == x
    assert all((uid in x) == (uid in a) for uid in range(302))
    assert list(x.newest(5)) == sorted(a)[-5:]
    assert list(x.oldest(5)) == sorted(a)[:5]


def test_a_border_may_lie_beyond_all_uids() -> None:
    uids = UidSet.of([3, 4, 9])
    assert list(uids.between(-5, 2**70)) == [3, 4, 9]
    assert list(uids.between(4, 2**70)) == [4, 9]
    assert not uids.between(2**40, 2**70)


@pytest.mark.parametrize("text", ["0", "1:", ":1", "a", "1,,2", "1,", "-1", "4294967296", "1:*", "1 2", "９"])
def test_what_is_no_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="UIDs"):
        UidSet.parse(text)


def test_a_hundred_thousand_mails_make_a_short_cursor() -> None:
    place = Place("INBOX", 1, 100_001, 5, UidSet([(1, 100_000)]), 1, 1)
    cursor = PullCursor({"INBOX": place}, begun=True)
    assert len(cursor.dump()) < 200
    assert PullCursor.load(cursor.dump()) == cursor


@pytest.mark.parametrize("text", ["", "x", "{}", "[]", '{"v":99}', '{"v":1,"places":{"a":[1]}}', '{"v":1,"places":5}'])
def test_a_cursor_that_cannot_be_read_is_a_beginning(text: str) -> None:
    assert PullCursor.load(text) == PullCursor()
    assert HistoryCursor.load(text) is None


def test_a_history_cursor_comes_back() -> None:
    cursor = HistoryCursor({"INBOX": Past(7, 100, 300)}, 200)
    assert HistoryCursor.load(cursor.dump()) == cursor


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")))
def test_names_of_folders_come_back(name: str) -> None:
    assert decode_folder(encode_folder(name)) == name
    assert encode_folder(name).isascii()


@given(st.binary(max_size=40))
def test_any_bytes_are_a_name(raw: bytes) -> None:
    assert isinstance(decode_folder(raw), str)


@pytest.mark.parametrize(
    ("name", "raw"), [("a&b", b"a&-b"), ("台北", b"&U,BTFw-"), ("a\tb", b"a&AAk-b"), ("Ä", b"&AMQ-")]
)
def test_known_names(name: str, raw: bytes) -> None:
    assert encode_folder(name) == raw
    assert decode_folder(raw) == name


@pytest.mark.parametrize("bad", ["INBOX\r\nX1 DELETE victim", "a\nb", "a\0b", "\r"])
def test_what_ends_a_line_is_refused_before_any_byte(bad: str) -> None:
    with pytest.raises(ForbiddenArgument):
        checked(bad.encode())
    with pytest.raises(ForbiddenArgument):
        quoted(bad)


@given(st.text(st.characters(exclude_characters="\r\n\0"), max_size=30))
def test_quoting_cannot_be_broken_out_of(text: str) -> None:
    raw = quoted(text) if not any("\ud800" <= c <= "\udfff" for c in text) else b'""'
    inner = raw[1:-1].replace(b"\\\\", b"").replace(b'\\"', b"")
    assert raw.startswith(b'"')
    assert raw.endswith(b'"')
    assert b'"' not in inner


def test_one_broken_answer_spoils_no_other() -> None:
    found = parse_fetch(
        [b"1 (UID 5 FLAGS (\\Seen))", b"2 (UID 6 FLAGS (", b"3 (FLAGS ())", b"4 (UID 7)", b"x (", b"(" * 3000]
    )
    assert set(found.items) == {5, 7}
    assert found.broken == 3


@given(
    st.lists(st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=30), st.binary(max_size=30))), max_size=5)
)
def test_any_answer_is_read_or_counted(data: list[object]) -> None:
    parse_fetch(data)


@pytest.mark.parametrize("host", ["a b", "a\r\nb", "-oProxyCommand=x", "a/b", "a\0b", "h@h", "", "a" * 2 + "\x1b[2J"])
def test_hosts_that_are_none(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        ImapOptions(host=host, user="u")


def test_hosts_beyond_ascii() -> None:
    assert ImapOptions(host="почта.example", user="u").host == "xn--80a1acny.example"
    assert ImapOptions(host="straße.example", user="u").host == "xn--strae-oqa.example"


@pytest.mark.parametrize("field", ["user", "smtp_user", "name", "ca_file"])
def test_options_hold_no_line_ends(field: str) -> None:
    values = {"host": "h", "user": "u", field: "a\r\nb"}
    with pytest.raises(ValueError, match="control"):
        ImapOptions.model_validate(values)


def test_the_user_is_the_own_address_where_none_is_given() -> None:
    assert ImapOptions(host="h", user="a@b.test").addresses == ("a@b.test",)
    assert ImapOptions(host="h", user="a@b.test", addresses=("c@d.test",)).addresses == ("c@d.test",)
    assert ImapOptions(host="h", user="a").addresses == ()
