"""Who in a conversation is on the customer's side, and who is not: whom we brought in, and who came with him."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """Who wrote a message and to whom, by folded addresses, ours left out."""

    author: str
    named: Set[str]
    ours: bool
    doubted: bool = False
    """It may be another's than it says."""
    instead_of: Set[str] = frozenset()
    """Whom the first one did not reach that was written again by this one, to other addresses."""
    stands_in: Set[str] = frozenset()
    """Those other addresses, to whom it goes as it went to them: neither who had a copy of it, nor who gets one now."""


def customers_side(his: Collection[str], said: Iterable[Said]) -> frozenset[str]:
    """His addresses, whom his side names, and who wrote by himself. `said` is in order: who names somebody first counts.

    What we write to others alone, or to others beside him, brings them in. What we begin goes to the customer, all of
    whom it names. What is in doubt puts nobody on any side: a forger names whom he likes. What is written again
    is for whom the first one was for.
    """
    side, brought = set(his), set[str]()
    begins = True
    for one in said:
        began_by_us = begins and not side.isdisjoint(one.named)
        for_him_again = bool(one.instead_of) and one.instead_of <= side
        if for_him_again:
            side |= one.stands_in
        if one.doubted:
            pass
        elif one.author in brought or (one.ours and not began_by_us):
            brought |= one.named - side
        else:
            side |= {one.author, *one.named} - brought
        begins = False
    return frozenset(side)


def passes_by(side: Set[str], recipients: Set[str]) -> bool:
    """Somebody gets it, and nobody on the customer's side. Where nobody is known to be on it, nobody is passed by."""
    return bool(side and recipients) and side.isdisjoint(recipients)
