"""How a pump and a valve that take fractions bring a force to its set-point and keep it there.

The force that will be there when everything commanded has had its effect is led to the set-point, by a flow that is
converted to a level with what is known of the actuator (:mod:`stackpress_py.control.flow_model`). Only one of the two
works at a time. In a ramp it works all the time; in a hold it begins when the force leaves a band and will not come
back by itself, and ends when the force is back, unless a leak or a growing stack would begin it again at once: then it
goes on with a trickle.

SI units.
"""

import math
from collections.abc import Mapping

from stackpress_py.control.closing import Closing
from stackpress_py.control.course import Course
from stackpress_py.control.flow_model import FlowModel
from stackpress_py.control.law import ForceSample, HydraulicMove
from stackpress_py.control.throttle import Throttle, excess_for
from stackpress_py.control.yielding import YieldWatch

#: Delays in which an error between set-point and coming force is closed.
RESPONSE = 4.0
#: Band of a hold: part of the asked tolerance, of the target, and standard deviations of the force.
TOP_UP, LEAST_BAND, DOUBTS = 0.5, 2e-4, 1.5
#: s in which a force outside its band may come back by itself, in which it would leave its band so that a trickle is
#: worth its while, that one may work on the wrong side, and that both rest at least; and delays likewise.
HEALING, TRICKLE, IDLE, LEAST_REST, LEAST_REST_DELAYS = 5.0, 5.0, 2.0, 0.5, 3.0
#: Part of the believed band at which an actuator is opened at least when it works.
SEARCHED_FROM = 0.4
#: How fast an actuator is opened beyond its band, 1/s; standard deviations by which a force must be below contact.
FASTEST, BELOW = 0.2, 3.0
#: Part of the ramp's rate by which the force must go too fast for the actuator to be closed.
TOO_FAST = 0.2


class FlowRegulator:
    """Answers each sample with the levels of pump and valve.

    Args:
        pump, valve: the actuators.
        closing: how the ram is closed.
        contact_force: N; a smaller loss is none.
    """

    def __init__(
        self, pump: Throttle, valve: Throttle, closing: Closing, contact_force: float
    ) -> None:
        self._pump, self._valve, self._closing = pump, valve, closing
        self._model = FlowModel(pump, valve)
        self._watch = YieldWatch(contact_force)
        self._idle = 0.0
        #: What a first touch began has not had its effect yet: the set-point is where the force is.
        self.unsure = False

    @property
    def learned(self) -> Mapping[str, str]:
        """What was learned of the press, for people."""
        pump, valve, model = self._pump, self._valve, self._model
        return {
            "Pump band (%)": f"{100.0 * pump.band:.2f}",
            "Valve band (%)": f"{100.0 * valve.band:.2f}",
            "Gain (N/s)": f"{model.gain:.3g}",
            "Drift (N/s)": f"{model.drift:.3g}",
            "Pump starts": f"{pump.starts}",
            "Pump travel": f"{pump.travel:.3g}",
            "Valve openings": f"{valve.starts}",
            "Valve travel": f"{valve.travel:.3g}",
        }

    @property
    def noise(self) -> float:
        """N, standard deviation of a measurement, as it turned out."""
        return self._model.noise

    def out_of_contact(self, contact_force: float) -> bool:
        """Return True if the force is surely below that of a contact (N), and nothing was touched just now."""
        model = self._model
        return not self.unsure and model.force + BELOW * model.doubt < 0.5 * contact_force

    @property
    def searching(self) -> bool:
        """True while the one that works has not answered yet and can still be opened further."""
        return self._model.searching

    def slack(self, rate: float) -> float:
        """Return by how much (N) a ramp of a rate (N/s) may be off."""
        return 0.0

    def why_yielding(self, sample: ForceSample, *, rising: bool) -> str:
        """Return why the stack must have given way since the last sample, or an empty text.

        Args:
            sample: latest measurement.
            rising: the set-point rises or stands.
        """
        if self.unsure:
            self._watch.restart()
            return ""
        model = self._model
        self._watch.step(sample, min(0.0, model.moved), model.noise, rising=rising)
        return self._watch.lost

    # ---- commands -----------------------------------------------------------------------------------------------

    def restart(self, sample: ForceSample) -> None:
        """Begin with a force on the stack."""
        self.unsure = self._closing.end(sample.position)
        self._model.restart(sample)
        self._watch.restart()

    def aim(self) -> None:
        """Go to another target from here on."""
        self._model.aim()
        self._watch.restart()

    def rest(self, now: float) -> HydraulicMove:
        """Close both: the force is not known, or does not matter."""
        return self._command(0.0, 0.0)

    def close(self, sample: ForceSample, dt: float, target: float) -> HydraulicMove:
        """Close the ram."""
        self._pump.step(sample.time)
        self._valve.step(sample.time)
        return self._command(self._closing.step(sample, dt, target), 0.0)

    def open(self, sample: ForceSample) -> HydraulicMove:
        """Open the ram."""
        self._pump.step(sample.time)
        self._valve.step(sample.time)
        self._closing.end(math.nan)
        return self._command(0.0, 1.0)

    def step(self, sample: ForceSample, dt: float, course: Course) -> HydraulicMove:
        """Answer a sample that comes ``dt`` s (> 0) after the last one."""
        model = self._model
        if self.unsure:
            self.unsure = not model.settle(sample, dt)
            return self._command(0.0, 0.0)
        model.step(sample, dt, course)
        coming = model.coming
        closing = (course.setpoint - coming) / (RESPONSE * model.acting.delay)
        keeping = course.rate - model.drift
        wanted = keeping + closing
        band = max(TOP_UP * course.tolerance, LEAST_BAND * course.target) + DOUBTS * model.doubt
        if model.acting.level == 0.0:
            chosen = self._choose(wanted, coming, band, course)
            if chosen is None:
                return self._command(0.0, 0.0)
            model.begin(chosen)
            self._idle = 0.0
        if self._done(dt, wanted, coming, band, course):
            return self._command(0.0, 0.0)
        acting = model.acting
        flow = acting.sign * (keeping + closing / model.caution) / model.gain
        excess = excess_for(flow, acting.doubt) if flow > 0.0 else flow
        # A band that is hardly known may lie anywhere: it is searched from a part of the guess on.
        level = max(SEARCHED_FROM * acting.band, acting.band + excess)
        level = min(level, max(acting.level, acting.band) + FASTEST * dt)
        return self._command(level, 0.0) if acting is self._pump else self._command(0.0, level)

    def _command(self, pump: float, valve: float) -> HydraulicMove:
        return HydraulicMove(self._pump.command(pump), self._valve.command(valve))

    # ---- who works ----------------------------------------------------------------------------------------------

    def _choose(self, wanted: float, coming: float, band: float, course: Course) -> Throttle | None:
        """Return who shall begin to work; None: nobody."""
        if course.standing:
            return self._choose_in_hold(band, course)
        model = self._model
        forth, back = (self._pump, self._valve) if course.rising else (self._valve, self._pump)
        if forth.sign * wanted > 0.0:
            chosen = forth
        elif forth.sign * (coming - course.target) > band:
            chosen = back
        else:
            return None
        return chosen if chosen is model.acting or model.acting.quiet else None

    def _choose_in_hold(self, band: float, course: Course) -> Throttle | None:
        model = self._model
        least = max(LEAST_REST, LEAST_REST_DELAYS * model.acting.delay)
        if model.working or model.rested < least:
            return None
        missing = course.setpoint - model.force
        if missing > band + max(0.0, HEALING * model.drift):
            return self._pump
        if -missing > band + max(0.0, -HEALING * model.drift):
            return self._valve
        return None

    def _done(self, dt: float, wanted: float, coming: float, band: float, course: Course) -> bool:
        """Return True if the one that works shall rest."""
        model, sign = self._model, self._model.acting.sign
        missing = sign * (course.setpoint - coming)
        if not course.standing:
            too_fast = sign * wanted < -TOO_FAST * course.full_rate
            return (too_fast and missing <= 0.0) or sign * (coming - course.target) > band
        self._idle = max(0.0, self._idle + (dt if missing < -band else -dt))
        trickles = -sign * model.drift > band / TRICKLE + model.drift_doubt
        if missing <= 0.0 and not trickles:
            return True
        return missing < -2.0 * band or self._idle > IDLE
