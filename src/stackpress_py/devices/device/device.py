"""One device on its bus: identified, set up, polled and written after its profile.

Whenever the device is found anew, the first thing it gets is what makes it harmless: nobody knows
what the last command before the loss was meant for.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stackpress_py.devices.bus.errors import DeviceError, NotTakenError, ReplyError
from stackpress_py.devices.device.decoding import Decoder
from stackpress_py.devices.device.links import Link
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.steps import Check
from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.device.writing import Writer, same

#: s in which a device must have become ready for action.
TIME_TO_ENABLE = 5.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a device shall do until the next wish.

    Attributes:
        values: SI by the names of points; bits, 0.0 or 1.0, as ``point.bit``.
        active: it may move or heat.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    active: bool = False


#: Nothing moves, nothing heats.
HARMLESS = Wish()


class Device:
    """One device.

    Args:
        name: in the press profile, for messages.
        profile: of this kind of device.
        link: over which it is reached.
        paths: values that are wanted of it.

    Attributes:
        name: as given.
        profile: as given.
        paths: as given, and the profile's faults.
        identified: it is known to be the profile's device, and set up.
        confirmed: the wish that the device has confirmed last.
    """

    def __init__(self, name: str, profile: DeviceProfile, link: Link, paths: Iterable[str]) -> None:
        self.name = name
        self.profile = profile
        self.paths = tuple(dict.fromkeys((*paths, *profile.faults)))
        self.confirmed = HARMLESS
        self._link = link
        self._points = profile.all_points()
        self._decoder = Decoder(profile, self.paths)
        self._writer = Writer(name, profile, link, self._decoder)
        self._set_names()
        self._raws: dict[str, Raw] = {}
        self._slow_due: dict[str, float] = {}
        self._forget()

    def _set_names(self) -> None:
        beat, points = self.profile.heartbeat, self._points
        told = [path for path in (beat.echo, beat.sequence) if path is not None]
        told += [name for name, point in points.items() if point.equals is not None]
        needed = self.profile.closure(iter((*self.paths, *told)))
        self._slow = frozenset(name for name in needed if points[name].every is not None)
        self._quick = needed - self._slow
        if not self._quick:
            # A device of which nothing is asked would never be missed.
            readable = (name for name, point in points.items() if point.read and not point.is_text)
            self._quick = frozenset(list(readable)[:1])

    def _forget(self) -> None:
        self.identified = False
        self._fresh = True
        self._active: bool | None = None
        self._enabling_since: float | None = None
        self._sequence: Raw | None = None
        self._writer.forget()

    @property
    def writes(self) -> Counter[str]:
        """How often each point was written."""
        return self._writer.writes

    @property
    def not_taken(self) -> Mapping[str, str]:
        """One sentence for each point that does not hold what was written."""
        return self._writer.not_taken

    @property
    def was_fresh(self) -> bool:
        """The next exchange is the first since the identification."""
        return self._fresh

    # ---- connection ------------------------------------------------------------------------------

    def lose(self) -> None:
        """Note that the device has to be identified again."""
        self._forget()

    def identify(self, now: float) -> None:
        """Make sure that it is the profile's device, and set it up.

        Args:
            now: s, monotonic.

        Raises:
            DeviceError: it is not, or it does not answer.
        """
        self._forget()
        for check in self.profile.checks:
            self._check(check)
        raws = self._link.read(self._slow) if self._slow else {}
        if self._quick:
            raws.update(self._link.read(self._quick))
        if problem := self._decoder.why_wrong(raws):
            raise DeviceError(f"{self.name}: {problem}")
        self._raws = raws
        self._slow_due = {name: now + (self._points[name].every or 0.0) for name in self._slow}
        self._writer.run(self.profile.setup, now)
        self.identified = True

    def _check(self, check: Check) -> None:
        found = self._checked(check)
        if self._passes(check, found):
            return
        if check.set and check.raw is not None:
            self._link.write({check.point: self._points[check.point].as_read(check.raw)})
            self._writer.writes[check.point] += 1
            found = self._checked(check)
            if self._passes(check, found):
                return
        why = f" ({check.why})" if check.why else ""
        shown = f"'{found}'" if isinstance(found, str) else f"{found}"
        raise DeviceError(
            f"{self.name}: {check.point} is {shown}, and profile {self.profile.device} needs"
            f" {check.wanted}{why}: choose the profile of this device, or set it up"
        )

    def _checked(self, check: Check) -> Raw:
        raws = self._link.read(frozenset((check.point,)))
        whole = self._decoder.whole(check.point, raws)
        return raws[check.point] if whole is None else whole

    def _passes(self, check: Check, found: Raw) -> bool:
        if check.text is not None:
            return isinstance(found, str) and found.startswith(check.text)
        point = self._points[check.point]
        return any(same(found, point.as_read(number)) for number in check.numbers)

    # ---- cycle -----------------------------------------------------------------------------------

    def exchange(self, wish: Wish, now: float) -> dict[str, float]:
        """Write what is wished and return the wanted values in SI (bits 0.0 or 1.0; NaN: unknown).

        The first exchange after each identification ignores the wish and makes the device harmless.

        Args:
            wish: what the device shall do.
            now: s, monotonic.

        Raises:
            DeviceError: it did not answer, or not rightly.
            ValueError: a value is beyond what may be written.
        """
        if self._fresh:
            wish = HARMLESS
        # Before anything is written: a wish beyond what may be written changes nothing.
        cyclic = self._writer.cyclic(wish.values, self._raws)
        if not self._act(wish, now):
            wish = HARMLESS
            cyclic = self._writer.cyclic(wish.values, self._raws)
        raws = self._exchanged(self._writer.beating(cyclic))
        if problem := self._why_not_fresh(raws) or self._decoder.why_wrong(raws):
            self._link.distrust()
            raise ReplyError(f"{self.name}: {problem}")
        self._raws.update(raws)
        self.confirmed = wish
        self._read_slow(now)
        self._writer.verify(now)
        self._fresh = False
        return self._decoder.values(self._raws)

    def make_harmless(self) -> None:
        """Write what makes the device harmless.

        Raises:
            DeviceError: it did not confirm.
        """
        self._active = None
        self._switch(HARMLESS, 0.0)
        cyclic = self._writer.beating(self._writer.cyclic(HARMLESS.values, self._raws))
        if cyclic:
            self._exchanged(cyclic)
        self.confirmed = HARMLESS

    def doubt(self) -> None:
        """Note that an exchange has failed: the device may have started anew, with other values."""
        self._writer.doubt()

    def _exchanged(self, cyclic: Mapping[str, int | float]) -> dict[str, Raw]:
        if cyclic:
            return self._link.exchange(cyclic, self._quick)
        return self._link.read(self._quick) if self._quick else {}

    def _act(self, wish: Wish, now: float) -> bool:
        """Lead the device to action or away from it, and write what has changed.

        Returns:
            False while it does not act yet, though it should.
        """
        if wish.active is not self._active and not self._switch(wish, now):
            return False
        self._writer.change(wish.values, self._raws, now, with_actions=wish.active)
        return True

    def _switch(self, wish: Wish, now: float) -> bool:
        """Run the sequence that leads to action or away from it; return False if it takes longer."""
        # A sequence that fails halfway leaves a device of which nothing is known.
        self._active = None
        self._writer.forget()
        if not wish.active:
            self._writer.run(self.profile.safe, now)
        else:
            # Action must not begin with what was wished for another one.
            self._writer.change(wish.values, self._raws, now, with_actions=False)
            if awaited := self._writer.run(self.profile.enable, now):
                self._wait_for(awaited, now)
                return False
        self._active, self._enabling_since = wish.active, None
        return True

    def _wait_for(self, path: str, now: float) -> None:
        since = now if self._enabling_since is None else self._enabling_since
        self._enabling_since = since
        if now - since > TIME_TO_ENABLE:
            raise NotTakenError(
                f"{self.name} does not become ready: {path} has not been set for {now - since:.0f} s"
            )

    # ---- reading ---------------------------------------------------------------------------------

    def _why_not_fresh(self, raws: Mapping[str, Raw]) -> str:
        """Return why these are not the device's present values; empty: they are."""
        beat = self.profile.heartbeat
        before = self._sequence
        if beat.sequence is not None:
            self._sequence = raws[beat.sequence]
        if beat.echo is not None and raws[beat.echo] != self._writer.heartbeat:
            return (
                f"it repeats heartbeat {raws[beat.echo]} instead of {self._writer.heartbeat}: an old"
                " answer, or its program stands still"
            )
        if beat.sequence is not None and before is not None and self._sequence == before:
            return "its sequence number stands still: its program does"
        return ""

    def _read_slow(self, now: float) -> None:
        due = frozenset(name for name, when in self._slow_due.items() if now >= when)
        if not due:
            return
        raws = self._link.read(due)
        if problem := self._decoder.why_wrong(raws):
            raise ReplyError(f"{self.name}: {problem}")
        self._raws.update(raws)
        for name in due:
            self._slow_due[name] = now + (self._points[name].every or 0.0)
