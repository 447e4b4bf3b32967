"""What the laws share that need no constants of the press: its profile tells them all that they know."""

import math
from collections.abc import Mapping

from stackpress_py.control.law import (
    LONGEST_GAP,
    LONGEST_STEP,
    ForceSample,
    Move,
    Output,
    PressFacts,
    Stage,
)

#: s without force after which the stack counts as released.
RELEASED_TIME = 0.3
#: s for the whole range of force, where nobody has given a rate yet.
GENTLE_TIME = 100.0
#: Tolerance where none was asked, as a part of the target.
USUAL_TOLERANCE = 0.01
#: Stages in which the stack is in contact and has a set-point.
PRESSING = (Stage.RAMP, Stage.HOLD, Stage.UNLOAD)


class UntunedLaw:
    """The stages of a press, from the approach to the opening; the subclass knows how it is moved.

    Contact and release are judged by the force, and by the press's own word where it can tell that it is open.

    Attributes:
        stage: what the law is doing.
        facts: of the press.
    """

    def __init__(self, facts: PressFacts) -> None:
        self.stage = Stage.IDLE
        self.facts = facts
        self._target = math.nan
        self._rate = min(facts.force_rate, facts.force_limit / GENTLE_TIME)
        self._tolerance = 0.0
        self._last: ForceSample | None = None
        self._move: Move | None = None
        self._entered: float | None = None
        self._stood = 0.0
        self._loaded: float | None = None
        self._longest_gap = max(LONGEST_GAP, 5.0 * facts.period)
        self._longest_step = max(LONGEST_STEP, 3.0 * facts.period)

    @property
    def contact_force(self) -> float:
        """N above which the stack is in contact."""
        return self.facts.contact_force

    @property
    def learned(self) -> Mapping[str, str]:
        """What the law has learned of the press, for people."""
        return {}

    # ---- commands -----------------------------------------------------------------------------------------------

    def press(self, force: float, rate: float, tolerance: float = 0.0) -> None:
        """Bring the stack to a force, from contact or without, and hold it; as in PressureLaw."""
        if not (0.0 < force < math.inf and 0.0 < rate < math.inf and 0.0 <= tolerance < math.inf):
            raise ValueError(
                f"force {force} N and rate {rate} N/s must be finite and above 0,"
                f" and tolerance {tolerance} N not below"
            )
        contact = self._in_contact()
        self._set_target(force, rate, tolerance)
        self._enter(Stage.RAMP if contact else Stage.APPROACH)

    def hold_present(self) -> None:
        """Hold the force that is on the stack now; without contact stand still."""
        if not self._in_contact() or self._last is None:
            self.freeze()
            return
        # The driver refuses more than the limit, and a force that is read a little above it would be more.
        force = min(max(self._last.force, self.contact_force), self.facts.force_limit)
        self._target = force
        self._restart(self._last)
        self._enter(Stage.HOLD)

    def unload(self, rate: float) -> None:
        """Take the force off at no more than ``rate`` (N/s, > 0), and open."""
        if not 0.0 < rate < math.inf:
            raise ValueError(f"rate {rate} N/s must be finite and above 0")
        contact = self._in_contact()
        self._set_target(0.0, rate, 0.0)
        self._enter(Stage.UNLOAD if contact else Stage.OPEN)

    def freeze(self) -> None:
        """Stand still, whatever the force does."""
        self._enter(Stage.FREEZE)
        self._target = math.nan
        self._move = None

    # ---- the step -----------------------------------------------------------------------------------------------

    def step(self, sample: ForceSample) -> Output:
        """Answer one measurement."""
        last, known = self._last, math.isfinite(sample.force)
        if self._entered is None:
            self._entered = sample.time
        lost = self._why_silent(sample, last) if last is not None else ""
        if not lost and last is not None and known:
            lost = self._why_lost(sample, last)
        if lost:
            self.freeze()
        if not known:
            self._move = self._blind()
            return self._output(lost)
        self._last = sample
        if self.stage in (Stage.IDLE, Stage.FREEZE):
            self._move = None
        elif last is not None and sample.time > last.time:
            self._move = self._act(sample, min(sample.time - last.time, self._longest_step))
        else:
            self._move = self._blind()
        return self._output(lost)

    def _act(self, sample: ForceSample, dt: float) -> Move | None:
        if self.stage is Stage.APPROACH:
            if sample.force <= min(self.contact_force, 0.5 * self._target):
                return self._approach(sample, dt)
            self._restart(sample)
            self._enter(Stage.RAMP)
        if self.stage is Stage.UNLOAD and sample.force < self.contact_force:
            self._enter(Stage.OPEN)
        if self.stage is not Stage.OPEN:
            return self._follow(sample, dt)
        if self._is_open(sample):
            self._enter(Stage.IDLE)
            self._target = math.nan
            return None
        return self._open(sample)

    def _is_open(self, sample: ForceSample) -> bool:
        now = sample.time
        if self._loaded is None or sample.force >= self.contact_force:
            self._loaded = now
        if now - self._loaded < RELEASED_TIME:
            return False
        # A press that does not open by itself is unloaded all the same; whoever wants to reach in looks again.
        return sample.opened is not False or self._since(now) > self.facts.opening_time

    def _output(self, lost: str) -> Output:
        setpoint = self._setpoint() if self.stage in PRESSING else math.nan
        return Output(self.stage, self._target, setpoint, self._move, lost)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._entered = self._loaded = None
        self._stood = 0.0

    def _since(self, now: float) -> float:
        """Return the s since the stage was entered."""
        return 0.0 if self._entered is None else now - self._entered

    def _judge(self, dt: float, standing: bool, near: bool, longest: float) -> None:
        """Tell RAMP from HOLD: the force has followed the set-point that stands.

        Args:
            dt: s since the last sample.
            standing: the set-point stands where it is aimed.
            near: the force is there.
            longest: s after which it has arrived, however far off it is.
        """
        if self.stage is Stage.UNLOAD or (self.stage is Stage.HOLD and standing):
            return
        self._stood = self._stood + dt if standing else 0.0
        arrived = standing and (near or self._stood > longest)
        self.stage = Stage.HOLD if arrived else Stage.RAMP

    def _set_target(self, force: float, rate: float, tolerance: float) -> None:
        if self.stage not in PRESSING and self._last is not None:
            self._restart(self._last)
        self._target, self._rate, self._tolerance = force, rate, tolerance

    def _asked(self) -> float:
        """Return the tolerance (N) to hold the target in."""
        return self._tolerance or USUAL_TOLERANCE * self._target

    def _present_force(self) -> float:
        return 0.0 if self._last is None else self._last.force

    def _in_contact(self) -> bool:
        return self.stage in PRESSING or self._present_force() > self.contact_force

    def _why_silent(self, sample: ForceSample, last: ForceSample) -> str:
        gap = sample.time - last.time
        if self.stage in (Stage.IDLE, Stage.FREEZE) or gap <= self._longest_gap:
            return ""
        return f"no measurement for {gap:.2f} s: check the bus and the load of the computer"

    def _why_no_contact(self, now: float) -> str:
        """Return why an approach has failed, for a press that should have made it by itself."""
        limit = self._approach_time()
        if self.stage is not Stage.APPROACH or self._since(now) <= limit:
            return ""
        return f"no contact within {limit:.0f} s: look at the press, and whether a cell is in it"

    # ---- what the subclass knows --------------------------------------------------------------------------------

    def _why_lost(self, sample: ForceSample, last: ForceSample) -> str:
        """Return why the law must give up, or an empty text."""
        return ""

    def _setpoint(self) -> float:
        """Return the present set-point, N."""
        return self._target

    def _approach_time(self) -> float:
        """Return the s after which an approach has failed."""
        return 3.0 * self.facts.opening_time + 10.0

    def _restart(self, sample: ForceSample) -> None:
        """Begin to regulate from a force that is on the stack."""

    def _blind(self) -> Move | None:
        """Return the move while nothing new is known of the force."""
        return None

    def _approach(self, sample: ForceSample, dt: float) -> Move | None:
        """Return the move without contact, on the way to it; ``dt`` in s."""
        return None

    def _follow(self, sample: ForceSample, dt: float) -> Move | None:
        """Return the move in RAMP, HOLD and UNLOAD, and tell RAMP from HOLD; ``dt`` in s."""
        return None

    def _open(self, sample: ForceSample) -> Move | None:
        """Return the move without contact, on the way to the open position."""
        return None
