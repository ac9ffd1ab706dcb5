"""Hostile fixtures shared by all tests: what others' terminals, folders and mail readers tripped over."""

from __future__ import annotations

TERMINAL: dict[str, str] = {
    "osc_0_title": "\x1b]0;owned\x07",
    "osc_8_link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "osc_9_notify": "\x1b]9;owned\x07",
    "osc_50_font": "\x1b]50;?\x07",
    "osc_52_clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "osc_99_notify": "\x1b]99;i=1:d=0;owned\x1b\\",
    "osc_777_notify": "\x1b]777;notify;owned;owned\x07",
    "csi_clear": "\x1b[2J",
    "csi_report": "\x1b[6n",
    "full_reset": "\x1bc",
    "dcs_query": "\x1bP$qm\x1b\\",
    "dcs_tmux": "\x1bPtmux;\x1b\x1b]52;c;b3duZWQ=\x07\x1b\\",
    "apc": "\x1b_Gi=1;owned\x1b\\",
    "pm": "\x1b^owned\x1b\\",
    "sos": "\x1bXowned\x1b\\",
    "osc_unterminated": "\x1b]52;c;b3duZWQ=",
    "dcs_unterminated": "\x1bPowned",
    "csi_unterminated": "\x1b[31",
    "lone_escape": "\x1b",
    "escape_in_escape": "\x1b\x1b[31m[2J",
    "c1_csi": "\x9b2J",
    "c1_osc": "\x9d52;c;b3duZWQ=\x9c",
    "c1_dcs": "\x90$qm\x9c",
    "c1_all": "".join(map(chr, range(0x80, 0xA0))),
    "c0_all": "".join(map(chr, range(0x20))) + "\x7f",
    "bell": "ding\x07",
    "backspace_overwrite": "safe\x08\x08\x08\x08evil",
    "return_overwrite": "harmless text\revil",
    "shift_out": "\x0etext\x0f",
    "paste_break_out": "\x1b[201~rm -rf ~\n",
    "bidi_override": "invoice\u202efdp.exe",
    "bidi_isolate": "a\u2066b\u2067c\u2068d\u2069e",
    "zero_width": "pay\u200bpal\u200c.\u200dcom\u2060\ufeff",
    "tags": "hello" + "".join(chr(0xE0000 + ord(c)) for c in "secret order"),
    "variation_smuggling": "x" + "".join(chr(0xE0100 + n) for n in range(64)),
    "combining_pile": "Z" + "\u0301\u0335\u0489" * 3000,
    "leading_mark": "\u0301x\n\u0301y",
    "surrogate": "a\ud800b\udfff",
    "noncharacter": "a\uffffb\U0010ffff\ufdd0",
    "private_use": "a\ue000b\U000f0000",
    "line_separators": "a\x0bb\x0cc\x85d\u2028e\u2029f",
    "markup_action": "[@click=app.quit]x[/]",
    "markup_close": "[/]",
    "markup_open": "[/",
    "markup_link": "[link=file:///etc/passwd]x[/link]",
    "markup_style": "[bold red on blue]x",
    "log_forgery": "x\n2026-01-01 00:00:00 INFO all is well",
}
"""T: what must never reach a terminal as it stands. Markup is only text: it must stay text."""

NAMES: dict[str, str] = {
    "parent": "../x",
    "deep_parent": "../../../../etc/passwd",
    "absolute": "/etc/passwd",
    "windows_parent": "..\\x",
    "windows_absolute": "C:\\Windows\\x.dll",
    "unc": "\\\\host\\share\\x",
    "nul": "a\x00b.txt",
    "newline": "a\nb.txt",
    "return": "a\r\nContent-Type: text/html\r\n.txt",
    "escape": "a\x1b]0;owned\x07.txt",
    "dash": "-rf",
    "double_dash": "--help",
    "semicolon": "a;rm -rf ~",
    "substitution": "$(touch owned)",
    "backquote": "`touch owned`",
    "pipe": "a|b>c<d&e",
    "quotes": "a'b\"c",
    "long": "n" * 300,
    "long_ending": "n" * 300 + ".pdf.exe",
    "long_unicode": "я" * 300 + ".pdf",
    "right_to_left": "invoice\u202efdp.exe",
    "spaces": "a.pdf" + " " * 100 + ".exe",
    "dots": "a.pdf" + "." * 50 + "exe",
    "dotfile": ".bashrc",
    "dot": ".",
    "dots_only": "..",
    "empty": "",
    "blank": "   ",
    "reserved": "con",
    "reserved_ending": "NUL.txt",
    "trailing_dot": "x.txt. .",
    "tilde": "~root",
    "glob": "*",
    "equals": "=cmd|' /C calc'!A0",
    "markup": "[/].txt",
    "surrogate": "a\udcffb.txt",
    "emoji": "отчёт 📎.pdf",
}
"""N: names of files, folders, rooms."""


def controls(text: str) -> list[str]:
    """The characters of a text that a terminal could take for more than a glyph; only a newline is allowed."""
    unseen = set("\u00ad\u034f\u061c\u115f\u1160\u180e\u3164\uffa0\ufeff\u200b\u200e\u200f\u2028\u2029")
    return [
        repr(c)
        for c in text
        if (ord(c) < 0x20 and c != "\n")
        or 0x7F <= ord(c) <= 0x9F
        or 0xD800 <= ord(c) <= 0xDFFF
        or 0x202A <= ord(c) <= 0x202E
        or 0x2060 <= ord(c) <= 0x206F
        or 0xE0000 <= ord(c) <= 0xE0FFF
        or c in unseen
    ]
