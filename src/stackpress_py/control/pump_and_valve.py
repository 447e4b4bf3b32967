"""The law of a hydraulic press whose pump and valve can only be on or off.

Around the set-point lies a dead band: the pump starts below it and stops in time for the force that is still to come
(:mod:`stackpress_py.control.effect`), the valve likewise above it. Inside the band nothing is switched, so that a
hold costs one stroke of the pump for each band that leaks away. Pump and valve are never on together.
"""

from collections import deque
from collections.abc import Mapping

from stackpress_py.control.effect import Effect
from stackpress_py.control.law import ForceSample, HydraulicMove, Move, PressFacts, Stage
from stackpress_py.control.setpoint import Setpoint
from stackpress_py.control.untuned import PRESSING, UntunedLaw

#: Part of the asked tolerance at which the pump tops up, and at which the valve relieves. The pump comes first, since
#: leaks are usual; what is too much is left to leak away if it can.
TOP_UP = 0.5
RELIEVE = 0.8
#: The same as a part of the force's expanded uncertainty: less is noise.
LEAST_TOP_UP = 0.6
LEAST_RELIEF = 0.9
#: s by which a ramp may be behind its set-point before the pump or the valve is switched on again.
RAMP_BAND = 0.5
#: s over which the force is averaged while neither is on.
AVERAGE = 0.15


class PumpAndValveLaw(UntunedLaw):
    """The law of a press that is moved by a pump and a valve."""

    def __init__(self, facts: PressFacts) -> None:
        super().__init__(facts)
        self._reference = Setpoint(facts)
        self._pump, self._valve = Effect(1.0, facts.period), Effect(-1.0, facts.period)
        self._quiet: deque[tuple[float, float]] = deque()

    @property
    def learned(self) -> Mapping[str, str]:
        """What the law has learned of the press, for people."""
        return {
            "Pump (N/s)": f"{self._pump.rate:.3g}",
            "Pump lead (s)": f"{self._pump.lead:.2f}",
            "Pump starts": f"{self._pump.starts}",
            "Valve (N/s)": f"{self._valve.rate:.3g}",
            "Valve openings": f"{self._valve.starts}",
        }

    def _enter(self, stage: Stage) -> None:
        super()._enter(stage)
        if stage in (Stage.IDLE, Stage.FREEZE):
            self._cut()

    # ---- stages -------------------------------------------------------------------------------------------------

    def _why_lost(self, sample: ForceSample, last: ForceSample) -> str:
        if self.stage not in PRESSING:
            return self._why_no_contact(sample.time)
        if self._reference.stuck(sample.time):
            return (
                f"the force stays at {sample.force:.0f} N, and {self._reference.value:.0f} N are"
                " asked: look at the pump, the valve and the oil"
            )
        still = self._valve.resting(sample.time) and self.stage is not Stage.UNLOAD
        return self._reference.why_broken(sample, last) if still else ""

    def _setpoint(self) -> float:
        return self._reference.value

    def _restart(self, force: float) -> None:
        self._reference.restart(force)

    def _blind(self) -> Move | None:
        self._cut()
        if self.stage is Stage.OPEN:
            return HydraulicMove(0.0, 1.0)  # nothing needs to be known to let go
        pressing = self.stage in PRESSING or self.stage is Stage.APPROACH
        return HydraulicMove(0.0, 0.0) if pressing else None

    def _cut(self) -> None:
        now = 0.0 if self._last is None else self._last.time
        self._pump.cut(now)
        self._valve.cut(now)

    def _approach(self, sample: ForceSample) -> Move | None:
        self._learn(sample)
        self._valve.cut(sample.time)
        self._pump.switch(True, sample)
        self._pump.touch()
        return self._present_move()

    def _open(self, sample: ForceSample) -> Move | None:
        self._learn(sample)
        self._pump.switch(False, sample)
        self._valve.switch(True, sample)
        return self._present_move()

    def _follow(self, sample: ForceSample, dt: float) -> Move | None:
        self._learn(sample)
        reference = self._reference
        if self._pump.unsure:
            # The first contact is met by a pump at full speed: the ramp begins where that has led to.
            reference.restart(sample.force)
        reference.step(sample, dt, self._target, self._rate, self._ramp_band())
        standing = reference.value == self._target and reference.rate == 0.0
        if self.stage is not Stage.UNLOAD:
            self.stage = Stage.HOLD if standing else Stage.RAMP
        self._switch(sample, dt)
        return self._present_move()

    def _present_move(self) -> HydraulicMove:
        return HydraulicMove(float(self._pump.on), float(self._valve.on))

    def _learn(self, sample: ForceSample) -> None:
        self._pump.step(sample)
        self._valve.step(sample)

    # ---- switching ----------------------------------------------------------------------------------------------

    def _switch(self, sample: ForceSample, dt: float) -> None:
        pump, valve, now = self._pump, self._valve, sample.time
        low, high = self._edges()
        coming = self._coming_force(sample)
        if pump.on:
            if pump.enough(low - coming, now, dt):
                pump.switch(False, sample)
        elif valve.on:
            if valve.enough(coming - high, now, dt):
                valve.switch(False, sample)
        elif low - coming > self._pump_band(sample, dt):
            pump.switch(self._may_start(pump, valve, now), sample)
        elif coming - high > self._valve_band(sample, dt):
            valve.switch(self._may_start(valve, pump, now), sample)

    def _edges(self) -> tuple[float, float]:
        """Return what the pump must bring the force up to, and what the valve must bring it down to, N.

        What is above a rising set-point is needed in a moment, and what is below a falling one likewise.
        """
        reference, target = self._reference.value, self._target
        return min(reference, target), max(reference, target)

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

    def _may_start(self, actuator: Effect, other: Effect, now: float) -> bool:
        if actuator.unsure or not other.resting(now):
            return False
        # In a hold a few readings decide together, and only when nothing is on its way any more.
        return self.stage is not Stage.HOLD or self._settled(now)

    def _settled(self, now: float) -> bool:
        quiet = self._quiet
        return bool(quiet) and now - quiet[0][0] >= 0.8 * AVERAGE

    def _ramp_band(self) -> float:
        return RAMP_BAND * self._rate

    def _pump_band(self, sample: ForceSample, dt: float) -> float:
        band = max(TOP_UP * self._asked(), LEAST_TOP_UP * sample.uncertainty, self._pump.least(dt))
        return max(band, self._ramp_band()) if self._reference.value < self._target else band

    def _valve_band(self, sample: ForceSample, dt: float) -> float:
        band = max(RELIEVE * self._asked(), LEAST_RELIEF * sample.uncertainty)
        if self._reference.value > self._target:
            return max(band, self._ramp_band())
        # The last of an unload may go at once.
        return band if self.stage is Stage.UNLOAD else max(band, self._valve.least(dt))
