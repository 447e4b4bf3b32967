"""How a constant of a configuration is declared: its bounds, or the words that it may be."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be, both ends included; ``above`` excludes the lower end."""

    low: float
    high: float
    above: bool = False

    def admits(self, value: float) -> bool:
        """Return whether the number lies inside."""
        return self.low <= value <= self.high and not (self.above and value == self.low)

    def __str__(self) -> str:
        relation = "above" if self.above else "from"
        return f"{relation} {self.low:g} to {self.high:g}"


def number(low: float, high: float) -> float:
    """Declare a number between two bounds."""
    value: float = field(metadata={"bounds": Bounds(low, high)})
    return value


def positive(high: float) -> float:
    """Declare a number above 0."""
    value: float = field(metadata={"bounds": Bounds(0.0, high, above=True)})
    return value


def whole(low: int, high: int) -> int:
    """Declare a whole number between two bounds."""
    value: int = field(metadata={"bounds": Bounds(low, high)})
    return value


def choice(*words: str) -> str:
    """Declare one of some words."""
    value: str = field(metadata={"words": words})
    return value
