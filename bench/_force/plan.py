"""Which plants each scenario gets.

A press is short: every sample on every frame at every rate, with the noise of the load cells and three times that,
each with other errors of the sensors. A long hold is dear: every sample on every frame too, but noise, sensors' errors
and whether the sample was pressed before go round; of the hour-long ones, every sample gets one frame with each
actuation, another one each time. ``whole`` is the whole matrix of holds, for a night.
"""

from .holding import Hold
from .machine import ACTUATIONS, FRAMES, NOISES, SAMPLES, Case, matrix

RATES = (1e6, 2e6)  # Pa/s
SEEDS = 3
#: Scenarios whose holds last an hour.
LONG = ("relaxation", "breathing")


def presses(actuation: str, quick: bool) -> list[tuple[Case, float]]:
    """Return plants and rates (Pa/s) for a press to 74 MPa."""
    draws = [(rate, noise) for rate in RATES for noise in (NOISES[:1] if quick else NOISES)]
    return [
        (Case(sample, frame, noise, seed, actuation), rate)
        for sample in SAMPLES
        for frame in FRAMES
        for seed, (rate, noise) in enumerate(draws, 1)
    ]


def holds(scenario: str, contender: str, actuation: str, whole: bool) -> list[Hold]:
    """Return plants for a contender's hold, and how it begins."""
    if whole:
        cases = matrix(seeds=SEEDS, actuations=(actuation,))
        both = (False,) if scenario == "relaxation" else (False, True)
        return [Hold(case, pressed) for case in cases for pressed in both]
    shift = ACTUATIONS.index(actuation)
    return [
        _in_turn(scenario, actuation, row, column, shift)
        for row in range(len(SAMPLES))
        for column in range(len(FRAMES))
        if scenario not in LONG or (row + column + shift) % len(FRAMES) == 0
    ]


def _in_turn(scenario: str, actuation: str, row: int, column: int, shift: int) -> Hold:
    turn = row + column + shift
    noise = NOISES[turn % len(NOISES)]
    seed = 1 + (2 * row + column) % SEEDS
    case = Case(SAMPLES[row], FRAMES[column], noise, seed, actuation)
    return Hold(case, scenario != "relaxation" and (row + turn // 2) % 2 == 0)


def fragile(actuation: str) -> list[Case]:
    """Return plants with a sample that cracks on the way."""
    return matrix(("fragile",), (1.0,), 1, (actuation,))


def powders(actuation: str) -> list[Case]:
    """Return plants with a sample that can crack in a hold."""
    return matrix(("reference", "llzo"), (1.0,), 1, (actuation,))


def taken(actuation: str) -> list[Case]:
    """Return plants whose sample is taken away."""
    return matrix(("reference", "stiff_blank", "soft_polymer"), (1.0,), 1, (actuation,))
