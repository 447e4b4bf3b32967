"""What a pump or a valve does to the force: learned from every time that it is switched."""

import math
from collections import deque

from stackpress_py.control.law import NOISE_SHARE, ForceSample
from stackpress_py.control.reference import clamp

#: s between switching and effect, before anything is learned; and what may be learned.
FIRST_LEAD = 0.1
LEAST_LEAD = 0.02
MOST_LEAD = 0.5
#: s; a trial stroke grows up to this.
MOST_TRIAL = 3.0
#: What is still to come may be so much more than was learned: the stack grows stiffer, and a stroke too short is mended
#: by another one.
CAUTION = 1.25
#: s beyond the lead after which the effect of the last switching is over.
SETTLING = 0.15
#: Part of the steepest slope below which the effect is over, and s after which it is, whatever the slope.
FADED = 0.1
LONGEST_FADING = 3.0
#: s over which a slope is taken, and the least number of samples in it.
WINDOW = 0.06
LEAST_SAMPLES = 4


class Effect:
    """One actuator that is on or off.

    While it is on the force goes on at a rate, and it goes on for a while after it was switched off: the lead. With
    both known the force that is still to come can be told, and the actuator be switched off in time.

    Args:
        sign: 1 if it raises the force, -1 if it lowers it.
        trial: s of the first stroke, which shall only teach; the next ones grow until one does.

    Attributes:
        on: it is switched on.
        rate: N/s while on, > 0; 0: not known yet.
        lead: s from switching to the effect.
        starts: how often it was switched on.
    """

    def __init__(self, sign: float, trial: float) -> None:
        self.on = False
        self.rate = 0.0
        self.lead = FIRST_LEAD
        self.starts = 0
        self._sign = sign
        self._trial = trial
        self._begin = self._end = -math.inf
        self._strokes: deque[tuple[float, float]] = deque(maxlen=8)
        self._points: deque[tuple[float, float]] = deque()
        self._before = self._at_end = math.nan
        self._steepest = 0.0
        self._learned = True

    def switch(self, on: bool, sample: ForceSample) -> None:
        """Note that it is switched on or off at a sample."""
        if on is self.on:
            return
        self.on, now, force = on, sample.time, self._sign * sample.force
        if on:
            self.starts += 1
            self._begin, self._before, self._learned = now, force, False
            self._steepest = 0.0
        else:
            self._end, self._at_end = now, force
            self._strokes.append((self._begin, now))

    def touch(self) -> None:
        """Note that what it did so far moved the ram without force: it teaches no rate."""
        self._before = math.nan

    def cut(self, now: float) -> None:
        """Note that it was switched off while nothing can be learned of it."""
        if self.on:
            self.on, self._end = False, now
            self._strokes.append((self._begin, now))
        self._learned = True
        self._points.clear()

    @property
    def unsure(self) -> bool:
        """True if its next stroke should wait until the last one has taught something."""
        return not self._learned and (self.rate == 0.0 or math.isnan(self._before))

    def resting(self, now: float) -> bool:
        """Return True if it is off and its effect is over."""
        return not self.on and now - self._end >= self.lead + SETTLING and self._learned

    def least(self, dt: float) -> float:
        """Return the force (N) that must be missing so that a cycle of ``dt`` (s) does more good than harm."""
        return 0.5 * self.rate * dt

    def enough(self, missing: float, now: float, dt: float) -> bool:
        """Return True if another cycle of ``dt`` (s) would bring more force (N) than is missing now."""
        if self.rate == 0.0:
            return missing <= 0.0 or now - self._begin >= self._trial
        caution = (CAUTION - 1.0) * abs(self.to_come(now))
        return self.rate * dt + caution > missing

    def to_come(self, now: float) -> float:
        """Return the force (N) that is still to come if it is switched off now."""
        since = now - self.lead
        strokes = [*self._strokes, (self._begin, now)] if self.on else list(self._strokes)
        active = sum(max(0.0, min(end, now) - max(begin, since)) for begin, end in strokes)
        return self._sign * self.rate * active

    # ---- learning -----------------------------------------------------------------------------------------------

    def step(self, sample: ForceSample) -> None:
        """Learn from a sample whose force is known."""
        now = sample.time
        self._points.append((now, self._sign * sample.force))
        while len(self._points) > LEAST_SAMPLES and now - self._points[0][0] > WINDOW:
            self._points.popleft()
        noise = NOISE_SHARE * sample.uncertainty
        slope = self._slope(noise)
        if self.on and now - self._begin > self.lead + WINDOW and slope > 0.0:
            self.rate = slope
        self._steepest = max(self._steepest, slope)
        if self._learned or self.on or now - self._end < self.lead + SETTLING:
            return
        if slope <= FADED * self._steepest or now - self._end > LONGEST_FADING:
            self._learned = True
            self._conclude(self._sign * sample.force, noise)

    def _slope(self, noise: float) -> float:
        """Return the slope (N/s) of the last samples; 0 where it is not more than noise."""
        points, n = self._points, len(self._points)
        if n < LEAST_SAMPLES or points[-1][1] - points[0][1] < 4.0 * noise:
            return 0.0
        mean_t, mean_f = sum(t for t, _ in points) / n, sum(f for _, f in points) / n
        spread = sum((t - mean_t) ** 2 for t, _ in points)
        return max(0.0, sum((t - mean_t) * (f - mean_f) for t, f in points) / spread)

    def _conclude(self, force: float, noise: float) -> None:
        """Learn from a whole stroke whose effect is over."""
        on_for, rise, run_on = self._end - self._begin, force - self._before, force - self._at_end
        if math.isnan(rise):
            self.rate = self._steepest or self.rate
        elif on_for < 2.0 * self.lead or self.rate == 0.0:
            # Too short for a slope, or not steep enough: the whole stroke tells.
            if rise > 4.0 * noise:
                self.rate = rise / on_for
            elif self.rate == 0.0:
                self._trial = min(2.0 * self._trial, MOST_TRIAL)
            return
        if self.rate * self.lead > 4.0 * noise:
            self.lead = clamp(run_on / self.rate, LEAST_LEAD, MOST_LEAD)
