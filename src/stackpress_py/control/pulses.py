"""How a pump and a valve that can only be on or off bring a force to its set-point and keep it there.

Around the set-point lies a dead band: the pump starts below it and stops in time for the force that is still to come
(:mod:`stackpress_py.control.effect`), the valve likewise above it. Inside the band nothing is switched, so that a
hold costs one stroke of the pump for each band that leaks away. Pump and valve are never on together.
"""

from collections import deque
from collections.abc import Mapping

from stackpress_py.control.course import Course
from stackpress_py.control.effect import Effect
from stackpress_py.control.law import ForceSample, HydraulicMove

#: Part of the asked tolerance at which the pump tops up, and at which the valve relieves. The pump comes first, since
#: leaks are usual; what is too much is left to leak away if it can.
TOP_UP = 0.5
RELIEVE = 0.8
#: Tolerance where none was asked, as a part of the target.
USUAL_TOLERANCE = 0.01
#: The same as a part of the force's expanded uncertainty: less is noise.
LEAST_TOP_UP = 0.6
LEAST_RELIEF = 0.9
#: s by which a ramp may be behind its set-point before the pump or the valve is switched on again.
RAMP_BAND = 0.5
#: s over which the force is averaged while neither is on.
AVERAGE = 0.15


class PulseRegulator:
    """Switches a pump and a valve.

    Args:
        period: s between two samples.
    """

    searching = False
    noise = 0.0  # none is learned

    def __init__(self, period: float) -> None:
        self._pump, self._valve = Effect(1.0, period), Effect(-1.0, period)
        self._quiet: deque[tuple[float, float]] = deque()

    def out_of_contact(self, contact_force: float) -> bool:
        """Return False: a pulse of the pump closes the ram as well."""
        return False

    @property
    def learned(self) -> Mapping[str, str]:
        """What was learned of the press, for people."""
        return {
            "Pump (N/s)": f"{self._pump.rate:.3g}",
            "Pump lead (s)": f"{self._pump.lead:.2f}",
            "Pump starts": f"{self._pump.starts}",
            "Valve (N/s)": f"{self._valve.rate:.3g}",
            "Valve openings": f"{self._valve.starts}",
        }

    @property
    def unsure(self) -> bool:
        """True if the set-point must begin where the force is: the first contact is met by a pump at full speed."""
        return self._pump.unsure

    def slack(self, rate: float) -> float:
        """Return by how much (N) a ramp of a rate (N/s) may be off."""
        return RAMP_BAND * rate

    def letting_go(self, now: float) -> bool:
        """Return True while the valve may take force off."""
        return not self._valve.resting(now)

    def restart(self, sample: ForceSample) -> None:
        """Begin with a force on the stack."""

    def aim(self) -> None:
        """Go to another target from here on."""

    def rest(self, now: float) -> HydraulicMove:
        """Switch both off: nothing can be learned of it."""
        self._pump.cut(now)
        self._valve.cut(now)
        return HydraulicMove(0.0, 0.0)

    def close(self, sample: ForceSample, dt: float, target: float) -> HydraulicMove:
        """Close the ram."""
        self._learn(sample)
        self._valve.cut(sample.time)
        self._pump.switch(True, sample)
        self._pump.touch()
        return self._move()

    def open(self, sample: ForceSample) -> HydraulicMove:
        """Open the ram."""
        self._learn(sample)
        self._pump.switch(False, sample)
        self._valve.switch(True, sample)
        return self._move()

    def step(self, sample: ForceSample, dt: float, course: Course) -> HydraulicMove:
        """Answer a sample that comes ``dt`` s (> 0) after the last one."""
        self._learn(sample)
        self._switch(sample, dt, course)
        return self._move()

    def _move(self) -> HydraulicMove:
        return HydraulicMove(float(self._pump.on), float(self._valve.on))

    def _learn(self, sample: ForceSample) -> None:
        self._pump.step(sample)
        self._valve.step(sample)

    # ---- switching ----------------------------------------------------------------------------------------------

    def _switch(self, sample: ForceSample, dt: float, course: Course) -> None:
        now, pump, valve = sample.time, self._pump, self._valve
        # What is above a rising set-point is needed in a moment, and what is below a falling one likewise.
        low, high = min(course.setpoint, course.target), max(course.setpoint, course.target)
        coming = self._coming_force(sample)
        if pump.on:
            if pump.enough(low - coming, now, dt):
                pump.switch(False, sample)
        elif valve.on:
            if valve.enough(coming - high, now, dt):
                valve.switch(False, sample)
        elif low - coming > self._pump_band(sample, dt, course):
            pump.switch(self._may_start(pump, valve, now, course), sample)
        elif coming - high > self._valve_band(sample, dt, course):
            valve.switch(self._may_start(valve, pump, now, course), sample)

    def _coming_force(self, sample: ForceSample) -> float:
        """Return the force (N) when everything that was switched has had its effect."""
        now, quiet = sample.time, self._quiet
        if not (self._pump.resting(now) and self._valve.resting(now)):
            quiet.clear()
            return sample.force + self._pump.to_come(now) + self._valve.to_come(now)
        quiet.append((now, sample.force))
        while now - quiet[0][0] > AVERAGE:
            quiet.popleft()
        return sum(force for _, force in quiet) / len(quiet)

    def _may_start(self, actuator: Effect, other: Effect, now: float, course: Course) -> bool:
        if actuator.unsure or not other.resting(now):
            return False
        # In a hold a few readings decide together, and only when nothing is on its way any more.
        return not course.standing or self._settled(now)

    def _settled(self, now: float) -> bool:
        quiet = self._quiet
        return bool(quiet) and now - quiet[0][0] >= 0.8 * AVERAGE

    def _pump_band(self, sample: ForceSample, dt: float, course: Course) -> float:
        tolerance = course.tolerance or USUAL_TOLERANCE * course.target
        band = max(TOP_UP * tolerance, LEAST_TOP_UP * sample.uncertainty, self._pump.least(dt))
        rising = course.setpoint < course.target
        return max(band, self.slack(course.full_rate)) if rising else band

    def _valve_band(self, sample: ForceSample, dt: float, course: Course) -> float:
        tolerance = course.tolerance or USUAL_TOLERANCE * course.target
        band = max(RELIEVE * tolerance, LEAST_RELIEF * sample.uncertainty)
        if course.setpoint > course.target:
            return max(band, self.slack(course.full_rate))
        # The last of an unload may go at once.
        return band if course.target == 0.0 else max(band, self._valve.least(dt))
