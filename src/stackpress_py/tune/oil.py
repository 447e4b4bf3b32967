"""How a pump builds force up and a valve lets it go: dead bands, delays, gains, leak.

Each is opened a little more from pulse to pulse until the force answers, and then further: the rates over the openings
are a line, r = g (u - u0), which begins at the dead band u0. What a valve lets go also grows with the root of the
pressure, which is taken out.

SI units; pump and valve 0..1.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stackpress_py.tune.fits import Array, Measured, least_squares
from stackpress_py.tune.moves import Rest, mean_of
from stackpress_py.tune.pulses import OilFacts, Pulse, wait
from stackpress_py.tune.rungs import Rungs, close_by_pump
from stackpress_py.tune.trial import DoubtError, Experiment, Seen

#: s of the first rest, and of the last one, which tells the leak.
REST_TIME, LEAK_TIME = 1.0, 20.0
#: Standard deviations of the noise that a change must have to be one, and least part of the allowed force.
CLEAR, LEAST_CHANGE = 20.0, 5e-3
#: Largest uncertainty of a dead band, and of a gain relative to it.
DOUBTFUL_BAND, DOUBTFUL = 0.02, 0.2


@dataclass(frozen=True, slots=True)
class Actuator:
    """What was found of a pump or a valve.

    Attributes:
        dead_band: opening up to which nothing happens; of one that is on or off: 0.
        delay: s.
        gain: N/s for each part of the opening beyond the dead band; of a valve at the allowed force.
        pulses: as measured.
    """

    dead_band: Measured
    delay: Measured
    gain: Measured
    pulses: tuple[Pulse, ...]


@dataclass(frozen=True, slots=True)
class Oil:
    """What was found.

    Attributes:
        pump, valve: by actuator.
        leak: 1/s, part of the force that is lost while both rest.
        rest: of the press at rest and open.
    """

    pump: Actuator
    valve: Actuator
    leak: Measured
    rest: Rest


def measure_oil(facts: OilFacts) -> Experiment[Oil]:
    """Close the press, and measure pump and valve.

    Raises:
        DoubtError: something does not answer.
    """
    begin = yield from wait(REST_TIME)
    resting = mean_of(begin)
    limit = facts.limits.force
    clear = max(CLEAR * resting.force_deviation, LEAST_CHANGE * limit)
    yield from close_by_pump(facts, max(8.0 * resting.force_deviation, 1e-3 * limit))
    rungs = Rungs(facts, clear)
    pumped = yield from rungs.climb(True)
    vented = yield from rungs.climb(False)
    last = yield from wait(LEAK_TIME)
    return Oil(
        pump=_actuator(pumped, facts.pump_bit, "pump", lambda pulse: 1.0),
        valve=_actuator(
            vented,
            facts.valve_bit,
            "valve",
            lambda pulse: math.sqrt(limit / max(pulse.force, 1e-3 * limit)),
        ),
        leak=_leak(last[len(last) // 4 :]),
        rest=resting,
    )


# ---- evaluation ------------------------------------------------------------------------------------


def _actuator(
    pulses: Sequence[Pulse], bit: bool, name: str, scale: Callable[[Pulse], float]
) -> Actuator:
    rates = np.array([abs(pulse.rate) * scale(pulse) for pulse in pulses])
    delays = np.array([pulse.delay for pulse in pulses])
    delay = Measured(float(np.mean(delays)), _error(delays))
    if bit:
        gain = Measured(float(np.mean(rates)), _error(rates))
        band = Measured(0.0, 0.0)
    else:
        openings = np.array([pulse.opening for pulse in pulses])
        if len(openings) < 3:
            raise DoubtError(f"the {name} is too strong to be measured so gently: allow more force")
        fit = least_squares((np.ones_like(openings), openings), rates)
        gain = fit[1]
        place = -fit[0].value / gain.value
        # The line is known best in its middle: from there to the dead band.
        away = float(np.mean(openings)) - place
        spread = fit.spread / gain.value / math.sqrt(len(openings))
        band = Measured(place, math.hypot(spread, away * gain.deviation / gain.value))
        if not (-DOUBTFUL_BAND <= place < 1.0 and band.deviation < DOUBTFUL_BAND):
            raise DoubtError(
                f"the dead band of the {name} cannot be told: it came out as {place:.1%} with a standard"
                f" uncertainty of {band.deviation:.1%}; look for air in the oil"
            )
        band = Measured(max(0.0, place), band.deviation)
    gain.believed(
        f"the gain of the {name}", DOUBTFUL, "look for air in the oil, or allow more force"
    )
    return Actuator(band, delay, gain, tuple(pulses))


def _error(values: Array) -> float:
    return float(np.std(values, ddof=1)) / math.sqrt(len(values))


def _leak(readings: Sequence[Seen]) -> Measured:
    time = np.array([seen.time for seen in readings])
    force = np.array([seen.force for seen in readings])
    fit = least_squares((np.ones_like(time), time - time[0]), force)
    mean = float(np.mean(force))
    return Measured(-fit[1].value / mean, fit[1].deviation / mean)
