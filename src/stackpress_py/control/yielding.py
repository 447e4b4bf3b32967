"""Whether the stack gives way: it broke, slipped, vanished, or flows away under the ram. SI units."""

from stackpress_py.control.law import LONGEST_STEP, ForceSample

#: Part of the force that may vanish between two samples; relaxation takes less than a hundredth of it.
LARGEST_DROP = 0.03
#: Standard deviations of the noise that are no loss.
NOISE = 10.0
#: m that the ram may follow a stack whose force has fallen; a stack that creeps keeps its force meanwhile.
LONGEST_CHASE = 30e-6


class YieldWatch:
    """Compares the force with what it should be, sample by sample.

    Args:
        least: N; a smaller loss is none, such as a punch finds its seat with.

    Attributes:
        lost: one sentence if the stack gave way at the last sample; else empty.
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self.lost = ""
        self._last: ForceSample | None = None
        self._peak = 0.0
        self._chased_from: float | None = None

    def restart(self) -> None:
        """Begin again: another target is meant, or another contact."""
        self.lost = ""
        self._last = self._chased_from = None
        self._peak = 0.0

    def step(self, sample: ForceSample, moved: float, noise: float, *, rising: bool) -> None:
        """Take a sample.

        Args:
            sample: with force and position.
            moved: N by which the ram's movement has changed the force since the last one.
            noise: N, its standard deviation.
            rising: the set-point rises or stands; a force that is taken off may fall.
        """
        last, self._last, self.lost = self._last, sample, ""
        if not rising:
            self._peak, self._chased_from = sample.force, None
        elif last is not None and self._fell(sample, last, max(0.0, -moved), noise):
            self.lost = (
                f"the force fell from {last.force:.0f} N to {sample.force:.0f} N at once:"
                " the sample broke or slipped"
            )
        elif self._chases(sample, noise):
            self.lost = (
                f"the force fell from {self._peak:.0f} N to {sample.force:.0f} N and stays away while the"
                " ram follows: look at the sample and the die"
            )

    def _fell(self, sample: ForceSample, last: ForceSample, taken_off: float, noise: float) -> bool:
        if sample.time - last.time > LONGEST_STEP:
            return False  # much may have happened rightly in the meantime
        allowed = max(LARGEST_DROP * last.force + NOISE * noise, self._least) + 2.0 * taken_off
        return last.force - sample.force > allowed

    def _chases(self, sample: ForceSample, noise: float) -> bool:
        self._peak = max(self._peak, sample.force)
        if self._peak - sample.force < max(LARGEST_DROP * self._peak + NOISE * noise, self._least):
            self._chased_from = None
            return False
        if self._chased_from is None:
            self._chased_from = sample.position
        return sample.position - self._chased_from > LONGEST_CHASE
