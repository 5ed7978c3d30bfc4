"""Where each word of a page stands: for the experiment, which draws it, and for the analysis."""

from __future__ import annotations

from dataclasses import dataclass

# In window heights; x to the right, y up, (0, 0) is the middle of the window.
LETTER_HEIGHT = 0.05
LETTER_WIDTH = 0.029  # a slot; a letter itself is narrower
LINE_SPACING = 0.14
LEFT, TOP = -0.6, 0.14


@dataclass(frozen=True)
class Word:
    """A word and the middle of its place; the place reaches to those of its neighbours."""

    text: str
    line: int
    x: float
    y: float
    width: float
    height: float = LINE_SPACING

    @property
    def left(self) -> float:
        """Where its first letter begins, half a letter into its place."""
        return self.x - self.width / 2 + LETTER_WIDTH / 2

    def contains(self, x: float, y: float) -> bool:
        """Whether a point, in window heights, is in its place."""
        return abs(x - self.x) <= self.width / 2 and abs(y - self.y) <= self.height / 2


def lay_out(text: str) -> list[Word]:
    """Places of all words of a page; ``/`` begins a new line."""
    words = []
    for number, line in enumerate(text.split("/")):
        left = LEFT
        for word in line.split():
            width = (len(word) + 1) * LETTER_WIDTH
            y = TOP - number * LINE_SPACING
            words.append(Word(word, number, round(left + width / 2, 4), round(y, 4), width))
            left += width
    return words
