"""HTML as its reader would see it."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings, strategies as st

from agent_tui.content.html import html_text, link_host, show_link
from agent_tui.content.mail import read_mail
from tests.hostile import controls


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two", "One\n\nTwo"),
        ("One<br>Two<br/>Three</br>Four", "One\nTwo\nThree\nFour"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"),
        ("a <b>bold</b> <i>word</i>, a<b>b</b>c", "a bold word, abc"),
        ("a\n  b\t c&nbsp;&nbsp;d &lt;e&gt; &amp;amp;", "a b c d <e> &amp;"),
        ("<h1>Title</h1>text<h2>Next</h2>more", "Title\n\ntext\n\nNext\n\nmore"),
        ("<ul><li>one<li>two<ul><li>deep</ul><li>three</ul>", "- one\n- two\n  - deep\n- three"),
        ("<ol start=3><li>c</li><li>d</li></ol>", "3. c\n4. d"),
        ("<ul><li><p>one</p></li><li><p>two</p></li></ul>", "- one\n\n- two"),
        ("<table><tr><th>Item<th>Price<tr><td>Shoes<td>€ 40</table>", "Item  | Price\nShoes | € 40"),
        ("<table><tr><td><p>left</p><p>more</p></td><td>right</td></tr></table>", "left\n\nmore\nright"),
        ("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>", "a | b"),
        ("<pre>def x():\n    return  1</pre>after", "def x():\n    return  1\n\nafter"),
        ("<blockquote>old<blockquote>older</blockquote></blockquote>new", "> old\n>\n>> older\n>\nnew"),
        ("above<hr>below", "above\n----------\nbelow"),
        ('<img src="cid:x"> <img alt="Logo" src="http://x/y"> <img src="http://x/pixel" alt="">', "[image] [Logo]"),
        ("<title>t</title><style>p{}</style><script>s</script>text<!-- c --><![if x]>", "text"),
        (
            "<p class=MsoNormal>One</p><p class=MsoNormal>Two</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>Three",
            "One\nTwo\n\nThree",
        ),
        ("<div>One</div><div>&nbsp;</div><div>Two</div>", "One\n\nTwo"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("one<span>&nbsp;</span>two &nbsp; three", "one two three"),
        ("", ""),
        ("plain < text > with signs <3", "plain < text > with signs <3"),
        ("<p>un<b>closed <a href='https://x.example'>link", "unclosed link [x.example]"),
    ],
)
def test_text(source: str, text: str) -> None:
    assert html_text(source).text == text


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">secret</div>',
        '<div style="DISPLAY : NONE !important">secret</div>',
        '<span style="color:red;visibility:hidden">secret</span>',
        '<font style="display:none">secret</font>',
        '<div style="opacity:0">secret</div>',
        '<div style="max-height:0px;overflow:hidden">secret</div>',
        "<div hidden>secret</div>",
        "<style>.x{display:none}</style><p class='a x'>secret</p>",
        "<style>p#y , .z { color:red; display : none }</style><p id=y>secret</p><p class=z>secret</p>",
        "<style>@media screen{.q{color:red}} .x{display:none}</style><p class=x>secret</p>",
        "<div style='display:none'><table><tr><td><b>secret</b></table></div>",
        "<template><b>secret</b></template><title>secret</title><noframes>secret</noframes><noembed>secret</noembed>",
        "<iframe srcdoc='<p>secret</p>'>secret</iframe><input type=hidden value=secret>",
        "<!-- secret --><!secret><?secret?>",
    ],
)
def test_what_is_hidden_stays_out(hidden: str) -> None:
    assert html_text(f"before {hidden} after").text.split() == ["before", "after"]


@pytest.mark.parametrize(
    "shown",
    [
        "<style>.x{display:none}</style><style>.x{display:block}</style><p class=x>I withdraw</p>",
        "<style>.x{display:none}body p.x{display:block}</style><p class=x>I withdraw</p>",
        "<style>.x{display:none}[class=x]{display:block}</style><p class=x>I withdraw</p>",
        "<style>.x{display:none}p{display:block!important}</style><p class=x>I withdraw</p>",
        "<style>.x{display:none}#y{display:block}</style><p class=x id=y>I withdraw</p>",
        "<style>#y{display:block!important}.x,#y{display:none}</style><p class=x id=y>I withdraw</p>",
        "<style>p.x{display:none}</style><div class=x>I withdraw</div>",
        "<style>.x{display:none}</style><p class=x style='display:block'>I withdraw</p>",
        "<style>.x{display:none;display:block}</style><p class=x>I withdraw</p>",
        "<style>/* .x{display:none} */</style><p class=x>I withdraw</p>",
        "<style>.x{content:'}.x{display:none}'}</style><p class=x>I withdraw</p>",
        "<style media=print>.x{display:none}</style><p class=x>I withdraw</p>",
        "<!--[if mso]><style>.x{display:none}</style><![endif]--><p class=x>I withdraw</p>",
        "<p style='display:none;display:block'>I withdraw</p>",
        "<p style='display:block!important;display:none'>I withdraw</p>",
        "<p style=\"font-family:'display:none'\">I withdraw</p>",
        "<p style='background:url(display:none)'>I withdraw</p>",
        "<p style='max-height:0'>I withdraw</p>",
        "<p hidden style='display:block'>I withdraw</p>",
    ],
)
def test_what_mail_programs_show_is_shown(shown: str) -> None:
    found = html_text(f"<p>Hello</p>{shown}")
    assert found.text.split() == ["Hello", "I", "withdraw"]
    assert not found.hidden


@pytest.mark.parametrize(
    "shown",
    [
        "<noscript>I withdraw</noscript>",
        "<object data=x>I withdraw</object>",
        "<svg><g><text>I</text><text>withdraw</text></g></svg>",
        "<svg><text><![CDATA[I withdraw]]></text></svg>",
        "<svg><style></svg><p>I withdraw</p>",
        "<svg><style>.x{display:none}<![CDATA[.a{}]]></style><title></svg><p>I withdraw</p>",
        "<svg><style><p>I withdraw</p></style></svg>",
        "<svg></math><![CDATA[I withdraw]]></svg>",
        "<math><mi>I</mi> <mi>withdraw</mi></math>",
        "<textarea>I withdraw</textarea>",
        "<textarea placeholder='I withdraw'> </textarea>",
        "<xmp>I withdraw</xmp>",
        "<plaintext>I withdraw",
        "<input value='I withdraw'>",
        "<input type=submit value='I withdraw'>",
        "<input placeholder='I withdraw'>",
        "<input type=image alt='I withdraw'>",
        "<select><option label='I withdraw'></select>",
        "<input " + "a=1 " * 100 + "value='I withdraw'>",
        "<!-->I withdraw<!-- -->",
        "<!--->I withdraw<!-- -->",
        "<!-- x --!>I withdraw<!-- -->",
        "<!-- <!-->I withdraw<!-- -->",
        "<!--><style>.x{display:block}</style><!-- --><style>.x{color:red}</style><p class=x>I withdraw</p>",
        "<title.x>I withdraw</title.x>",
        "<style<b>I withdraw</style>",
        "<p <!-- >I withdraw<b a=-->",
        '<p a=\u00a0"x>I withdraw<b a="">',
    ],
)
def test_words_in_odd_places_are_shown_where_mail_programs_show_them(shown: str) -> None:
    found = html_text(f"<p>Hello</p>{shown}")
    assert found.text.split() == ["Hello", "I", "withdraw"]
    assert not found.hidden


def test_what_is_spelt_is_shown_as_it_is_written() -> None:
    assert html_text("<xmp><b>a</b> &amp;\n  c</xmp>").text == "<b>a</b> &amp;\n  c"
    assert html_text("<textarea><b>a</b> &amp;\n  c</textarea>").text == "<b>a</b> &\n  c"


@pytest.mark.parametrize(
    "hidden",
    [
        "<iframe>I withdraw</iframe>",
        "<iframe srcdoc='&lt;p&gt;I withdraw'></iframe>",
        "<template>I withdraw</template>",
        "<noembed>I withdraw</noembed>",
        "<title>I withdraw</title>",
        "<title>I withdraw",
        "<style>I withdraw",
        "<style><p>I withdraw</p></style>",
        "<script><p>I withdraw</p></script>",
        "<!-- I withdraw",
        "<!--!>I withdraw",
        "<!---!>I withdraw",
        "<? I withdraw",
        "</ I withdraw",
        "<p I withdraw",
        "<svg><p><plaintext><p a='I withdraw'>",
        "<textarea style='display:none'>I withdraw</textarea>",
        "<input style='display:none' value='I withdraw'>",
    ],
)
def test_words_that_no_mail_program_shows_are_told_of(hidden: str) -> None:
    found = html_text(f"<p>Hello</p>{hidden}")
    assert found.text == "Hello"
    assert found.hidden


@pytest.mark.parametrize(
    "usual",
    [
        "<html><head><title>News</title><style>.a{color:red}</style></head><body><p>Hello</p></body></html>",
        "<p>Hello</p><script>let a = 1;</script><!-- a comment --><!--[if mso]><v:rect><![endif]-->",
        "<style><!-- .a > b{color:red} --></style><p>Hello</p><input type=hidden value=token>",
        "<p>Hello</p><svg viewBox='0 0 1 1'><style>.a{}</style><path d='M0 0'/></svg><p></p",
    ],
)
def test_what_is_no_text_is_not_told_of(usual: str) -> None:
    found = html_text(usual)
    assert found.text == "Hello"
    assert not found.hidden


@pytest.mark.parametrize(
    "hidden",
    [
        "<style>.x{display:block}.x{display:none}</style><p class=x>secret</p>",
        "<style>.x{display:none!important}</style><p class=x style='display:block'>secret</p>",
        "<style>/* a */ .x{display:none} @media (max-width:9px){.x{display:block}}</style><p class=x>secret</p>",
        "<style media=screen><!-- p.x{DISPLAY: None} --></style><p class=x>secret</p>",
        "\u0130\u0130\u0130<style>.x{display:none}</style><p class=x>secret</p>",
    ],
)
def test_the_weightier_and_the_later_rule_holds(hidden: str) -> None:
    found = html_text(f"{hidden}<p>Hello</p>")
    assert "secret" not in found.text
    assert "Hello" in found.text
    assert found.hidden


def test_a_mail_whose_whole_text_is_hidden_shows_it_and_says_so() -> None:
    parsed = read_mail(b"From: a@b.test\r\nContent-Type: text/html\r\n\r\n<body style='display:none'><p>all of it")
    assert parsed.text == "all of it"
    assert "hidden_text" in parsed.warnings


def test_hidden_words_that_stand_in_the_text_as_well_are_no_secret() -> None:
    assert not html_text("<div style='display:none'>Your order &zwnj;&nbsp;</div><p>Your order came").hidden


def test_what_small_screens_hide_is_not_hidden() -> None:
    assert html_text("<style>@media (max-width:600px){.x{display:none}}</style><p class=x>shown").text == "shown"
    assert html_text('<td style="font-size:0"><p style="font-size:16px">shown</p></td>').text == "shown"


@pytest.mark.parametrize(
    ("words", "href", "host", "target", "differs"),
    [
        ("click", "https://shop.example/a", "shop.example", "https://shop.example/a", False),
        ("shop.example", "https://shop.example/a", "", "https://shop.example/a", False),
        ("https://shop.example/", "https://www.shop.example/a", "", "https://www.shop.example/a", False),
        ("www.paypal.com", "http://evil.example/x", "evil.example", "http://evil.example/x", True),
        (
            "https://www.paypal.com/",
            "https://paypal.com.evil.example/",
            "paypal.com.evil.example",
            "https://paypal.com.evil.example/",
            True,
        ),
        ("paypal.com", "https://paypal.com@evil.example/", "evil.example", "https://evil.example/", True),
        ("apple.com", "https://аррӏе.com/", "xn--80ak6aa92e.com", "https://xn--80ak6aa92e.com/", True),
        ("strasse.example", "https://straße.example/", "xn--strae-oqa.example", "https://xn--strae-oqa.example/", True),
        ("good.example", "https://ｇｏｏｄ。example/", "", "https://good.example/", False),
        ("x", "https://evil.example\\@good.example/", "evil.example", "https://evil.example/", False),
        ("x", "java\nscript:alert(1)", "javascript: not opened", "", False),
        ("x", "data:text/html,x", "data: not opened", "", False),
        ("x", "file:///etc/passwd", "file: not opened", "", False),
        ("x", "smb://host/x", "smb: not opened", "", False),
        ("x", "//host/x", "", "", False),
        ("x", "#top", "", "", False),
        ("x", "http://", "no address", "", False),
        ("x", "http://[::1", "no address", "", False),
        ("x", "http://a:99999999/", "a", "", False),
        ("a@b.example", "mailto:a@b.example?subject=x", "", "mailto:a@b.example", False),
        ("a@b.example", "mailto:c@d.example", "c@d.example", "mailto:c@d.example", True),
        ("write us", "mailto:c@d.example?attach=/etc/passwd", "c@d.example", "mailto:c@d.example", False),
        ("+380 44", "tel:+38044", "", "", False),
        ("x", "http://h.example/\x1b]8;;evil\x07", "h.example", "", False),
        ("x", "http://h.example/a\u202eb", "h.example", "", False),
    ],
)
def test_links(words: str, href: str, host: str, target: str, differs: bool) -> None:
    shown = show_link(words, href)
    assert (shown.host, shown.target, bool(shown.claimed)) == (host, target, differs)
    assert controls(shown.host) == []


def test_a_link_that_lies_is_a_warning() -> None:
    raw = b"From: o@x.example\nContent-Type: text/html\n\n<a href='http://evil.example/'>https://bank.example/login</a>"
    mail = read_mail(raw)
    assert mail.text == "https://bank.example/login [evil.example]"
    assert mail.links == ["http://evil.example/"]
    assert "link_differs:bank.example → evil.example" in mail.warnings


REPLIES = {
    "gmail": '<div dir="ltr">New words</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 24 Nov 2026, A &lt;<a href="mailto:a@x.example">a@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">old words</blockquote></div>',
    "gmail without words": '<div>New words</div><div class="gmail_quote"><div class="gmail_attr">whatever language this is</div><blockquote class="gmail_quote">old words</blockquote></div>',
    "outlook web": '<div>New words</div><div id="appendonsend"></div><hr style="display:inline-block"><div id="divRplyFwdMsg"><b>Frá:</b> A<br><b>Sent:</b> x<br></div><div>old words</div>',
    "outlook": '<p class="MsoNormal">New words</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Von:</b> A &lt;a@x.example&gt;<br><b>Gesendet:</b> Dienstag, 24. November 2026 09:12<br><b>An:</b> B<br><b>Betreff:</b> x</p></div></div><p class="MsoNormal">old words</p>',
    "apple": '<div>New words</div><br><div><blockquote type="cite"><div>On 24 Nov 2026, at 09:12, A &lt;a@x.example&gt; wrote:</div><br><div>old words</div></blockquote></div>',
    "thunderbird": '<p>New words</p><div class="moz-cite-prefix">Þann 24.11.2026 skrifaði A:<br></div><blockquote type="cite" cite="mid:1">old words</blockquote>',
    "yahoo": '<div class="yahoo-style-wrap">New words</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>whatever</div><div>old words</div></div>',
    "proton": '<div>New words</div><div class="protonmail_quote">Whatever<br><blockquote type="cite">old words</blockquote></div>',
    "zimbra": '<div>New words</div><hr id="zwchr"><div><b>From: </b>A<br><b>To: </b>B<br></div>old words',
    "mac outlook": '<div>New words</div><span id="OLK_SRC_BODY_SECTION"><div>whatever</div><div>old words</div></span>',
    "forwarded id": '<div>New words</div><div id="x_divRplyFwdMsg"><b>Til:</b> A</div><div>old words</div>',
    "mobile outlook": '<div>New words</div><div id="mail-editor-reference-message-container"><div>old words</div></div>',
    "answer below": '<blockquote type="cite">old words</blockquote><div class="moz-cite-prefix">x</div><p>New words</p>',
}


@pytest.mark.parametrize("name", [n for n in REPLIES if n != "answer below"])
def test_quotes_by_their_markup(name: str) -> None:
    raw = f"From: o@x.example\nContent-Type: text/html; charset=utf-8\n\n<html><body>{REPLIES[name]}</body></html>".encode()
    mail = read_mail(raw)
    assert "old words" in mail.text
    kept, at = "", 0
    for span in mail.quoted:
        kept, at = kept + mail.text[at : span.start], span.end
    assert (kept + mail.text[at:]).strip() == "New words"


@pytest.mark.parametrize(
    "source",
    [
        "<" * 500_000,
        "<a" * 250_000,
        "<!--" * 100_000,
        "<!-->" * 100_000,
        "<!---->" * 100_000,
        "<svg><style>" * 40_000,
        "<svg><style><!" * 40_000,
        "<svg>" + "<style></style>" * 50_000 + "</svg>",
        "<svg><![CDATA[" * 50_000,
        "<iframe></iframe>" * 50_000 + "<" * 50_000,
        "<iframe>" + "<" * 500_000,
        "<textarea>" * 50_000,
        '<a b="' * 100_000,
        "<b>" * 100_000,
        "".join(f"<font color={n}>" for n in range(20_000)) + "<p>x" * 20_000,
        "<div>" * 100_000 + "x",
        "<table><tr><td>" * 20_000 + "x",
        "<ul><li>" * 20_000 + "x",
        "<blockquote>" * 20_000 + "x<br>" * 2_000,
        "<a " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x",
        "<a " + "".join(f'a{n}=">"' for n in range(50_000)) + ">x",
        "<style>a{" * 50_000,
        "<style>" + "@media x{" * 20_000 + "</style>",
        '<p style="' + "display:" * 50_000 + '">x',
        "<script>" * 50_000,
        "<br>" * 50_000,
        "&amp;" * 200_000,
        "<p>x</p>" * 60_000,
        "<a href=http://x.example/>x</a>" * 20_000,
        "\0" * 100_000,
    ],
    ids=lambda source: repr(source[:16]),
)
def test_no_markup_takes_long(source: str) -> None:
    began = time.process_time()
    html_text(source)
    assert time.process_time() - began < 2


TAGS = ["<p>", "</p>", "<div hidden>", "</div>", "<td>", "<tr>", "</table>", "<li>", "</ul>", "<a href='x'>", "</a>", "<pre>", "</pre>", "<blockquote>", "<br>", "x", " ", "<", "&", "'", '"', "<!--", "-->", "\x1b[2J", "</td>", "<hr>", "<img src=cid:x>"]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(TAGS), st.text(max_size=6)), max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_markup(pieces: list[str]) -> None:
    raw = b"From: o@x.example\nContent-Type: text/html; charset=utf-8\n\n" + "".join(pieces).encode("utf-8", "replace")
    mail = read_mail(raw)
    assert controls(mail.text) == []


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_link(href: str) -> None:
    for text in (href, f"https://{href}", f"mailto:{href}"):
        shown = show_link("words", text)
        assert controls(shown.target) == []
        assert controls(shown.host) == []
        assert not shown.target or shown.target.startswith(("http://", "https://", "mailto:"))
    link_host(href)


ODD_PIECES = ["<p>", "</p>", "<svg>", "</svg>", "<math>", "</math>", "<style>", "</style>", "<title>", "</title>", "<textarea>", "</textarea>", "<xmp>", "</xmp>", "<script>", "</script>", "<!--", "-->", "--!>", "<!-->", "<!--->", "<!", "<?", "</", ">", '<p a="', "<p a='", "'", '"', "<![CDATA[", "]]>", "<foreignObject>", "</foreignObject>", "<desc>", "<iframe>", "</iframe>", "<noembed>", "<template>", "</template>", "<table>", "<td>", "</table>", "<select>", "<option>", "<object>", "<noscript>", "<plaintext>", "<b", "<style", "=", "/", "\u00a0", " ", "\n", "<title.x>", "<mtext>", "</br>"]  # fmt: skip
UNSHOWN = {"style", "script", "title", "template", "iframe", "noembed", "head"}


@given(st.lists(st.one_of(st.sampled_from(ODD_PIECES), st.sampled_from([f" w{n}q " for n in range(9)])), max_size=16))
@settings(max_examples=1500, deadline=None)
def test_no_word_that_a_browser_shows_is_left_out_unsaid(pieces: list[str]) -> None:
    from selectolax.lexbor import LexborHTMLParser

    source = "<p>Hello</p>" + "".join(pieces)
    waiting, seen = [LexborHTMLParser(source).root], set[str]()
    while waiting:
        node = waiting.pop()
        if node is None or node.tag in UNSHOWN:
            continue
        if node.tag == "-text":
            seen.update(re.findall(r"w\dq", node.text_content or ""))
        child = node.child
        while child is not None:
            waiting.append(child)
            child = child.next
    found = html_text(source)
    assert found.hidden or seen <= set(re.findall(r"w\dq", found.text))
