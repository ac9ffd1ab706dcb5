"""Card numbers and secrets in a text that is about to leave."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(?<![\w.,+/#-])\d(?:[ \u00a0-]?\d){12,18}(?![\w-])")
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|(?:2131|1800|35\d{3})\d{11}|220[0-4]\d{12}|62\d{14,17}"
)


def card_numbers(text: str) -> list[str]:
    """Numbers with an issuer's beginning, its length and a right check digit, as cards have them."""
    found = []
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if _ISSUERS.fullmatch(digits) and luhn(digits) and len(set(digits)) > 1 and _grouped(match.group()):
            found.append(digits)
    return found


def _grouped(written: str) -> bool:
    """Cards are written in one piece or in groups of about four; dates and phone numbers are not."""
    groups = [group for group in re.split(r"[ \u00a0-]", written) if group]
    return len(groups) == 1 or all(3 <= len(group) <= 7 for group in groups)


def luhn(digits: str) -> bool:
    """The check digit fits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_KEYS = (
    ("private_key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("access_key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (
        "token",
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{18,}|xox[abprs]-[\w-]{10,})"),
    ),
    ("token", re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|\bsk-[A-Za-z0-9_-]{20,}")),
    ("token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
)
_PASSWORD = re.compile(
    r"\b(?:password|passwd|passphrase|passcode|пароль|kennwort|passwort|mot de passe|contraseña|hasło|senha"
    r"|parola d['’]ordine)\b(?: (?:is|це|это|ist|lautet|est|es|to|é|è))?\s*[:=—–-]?\s*[\"'«„“`]?(?P<value>\S{6,64})",
    re.IGNORECASE,
)


def secrets_in(text: str) -> list[str]:
    """Kinds of secrets that seem to stand in a text: `private_key`, `access_key`, `token`, `password`."""
    found = [kind for kind, pattern in _KEYS if pattern.search(text)]
    for match in _PASSWORD.finditer(text):
        value = match["value"].strip("\"'»“”`.,;:!?)")
        if len(value) >= 6 and _is_mixed(value) and "://" not in value:
            found.append("password")
            break
    return list(dict.fromkeys(found))


def _is_mixed(value: str) -> bool:
    """No plain word: letters together with digits or signs."""
    letters = any(char.isalpha() for char in value)
    digits = any(char.isdigit() for char in value)
    signs = bool(re.search(r"[^\w\s.,'’/()-]", value))
    return letters and (digits or signs)
