"""Coulomb friction that turns round over a small travel: Dahl's model (A Solid Friction Model, 1968)."""

import math


def dahl(state: float, travel: float, distance: float) -> tuple[float, float]:
    """Return the friction after a movement, and its slope over the movement.

    Args:
        state: friction before, -1..1; 1 is the full friction of a positive movement.
        travel: m over which it turns round.
        distance: m moved.

    Returns:
        the friction, -1..1, and its slope, 1/m.
    """
    if distance >= 0.0:
        left = (1.0 - state) * math.exp(-distance / travel)
        return 1.0 - left, left / travel
    left = (1.0 + state) * math.exp(distance / travel)
    return left - 1.0, left / travel
