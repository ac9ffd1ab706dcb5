"""The nearest of 256 colours, as the eye sees it.

Rounding each channel by itself turns a near-black into navy and a quiet grey into green, since the cube has few dark
steps. Here the distance is that of OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), in
which equal steps look equally far apart.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot
from typing import Final

_STEPS: Final = (0, 95, 135, 175, 215, 255)
"""Of the cube of 6×6×6 that xterm and its followers have at 16 to 231; 232 to 255 are greys."""
_TOO_COLOURFUL: Final = 3.0
"""How much more it counts to be more colourful than what is meant: a quiet grey may lose its tinge, never become purple."""


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _lab(red: int, green: int, blue: int) -> tuple[float, float, float]:
    r, g, b = _linear(red), _linear(green), _linear(blue)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def rgb(number: int) -> tuple[int, int, int]:
    """What a terminal shows for 16 to 255; the sixteen below are each terminal's own."""
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    cube = number - 16
    return _STEPS[cube // 36], _STEPS[cube // 6 % 6], _STEPS[cube % 6]


_LABS: Final[list[tuple[float, float, float]]] = []


@lru_cache(maxsize=4096)
def nearest(red: int, green: int, blue: int) -> int:
    """The number, 16 to 255, of the colour that looks most like this one."""
    if not _LABS:
        _LABS.extend(_lab(*rgb(number)) for number in range(16, 256))
    light, a, b = _lab(red, green, blue)
    chroma = hypot(a, b)

    def far(at: int) -> float:
        other, reds, blues = _LABS[at]
        excess = max(0.0, hypot(reds, blues) - chroma)
        return (light - other) ** 2 + (a - reds) ** 2 + (b - blues) ** 2 + _TOO_COLOURFUL * excess**2

    return 16 + min(range(len(_LABS)), key=far)
