"""What every box over the desk has in common: it closes once."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Modal(ModalScreen[T], Generic[T]):
    """A screen over the desk."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close it. Textual takes away whatever stands on top: asked twice, by keys of one burst, that were the desk."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
