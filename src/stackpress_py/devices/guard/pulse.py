"""Command bits that act on their rising edge, sent over a bus that may lose frames; pure."""

from concurrent.futures import Future


class Pulse:
    """One such bit.

    The edge is made only after the device has confirmed the low level, and the high level is kept
    until it is confirmed: a lost frame neither swallows an edge nor makes a second one.
    """

    def __init__(self) -> None:
        self._armed = False
        self._request: Future[str] | None = None

    @property
    def pending(self) -> bool:
        """True from a request to its end."""
        return self._request is not None

    @property
    def level(self) -> bool:
        """Level to be sent in the next frame."""
        return self._armed and self.pending

    def request(self) -> "Future[str]":
        """Ask for an edge; the result is empty when the device has confirmed it, else why not."""
        if self._request is None:
            self._request = Future()
        return self._request

    def confirmed(self, level: bool) -> None:
        """Note that the device has confirmed a frame with this level."""
        if level:
            self.drop("")
        self._armed = not level

    def disarm(self) -> None:
        """Note that nobody knows which level the device saw last; a request is kept."""
        self._armed = False

    def drop(self, why: str) -> None:
        """End the request with this result."""
        request, self._request = self._request, None
        if request is not None:
            request.set_result(why)


class LockSwitch:
    """Lock and unlock of the ram: a lock goes before everything, an unlock is never repeated."""

    def __init__(self) -> None:
        self.lock = Pulse()
        self.unlock = Pulse()
        self._wanted = False

    def request(self, locked: bool) -> "Future[str]":
        """Ask for a lock or an unlock; result as of :meth:`Pulse.request`."""
        if locked:
            self._wanted = True
            self.unlock.drop("a lock was asked for meanwhile")
            return self.lock.request()
        if self.lock.pending:
            return done("the lock is being set: unlock when it is")
        return self.unlock.request()

    @property
    def wanted(self) -> bool:
        """True from the request of a lock to the press's confirmation of an unlock."""
        return self._wanted

    def confirmed(self, lock: bool, unlock: bool) -> None:
        """Note the levels that the device has confirmed."""
        if unlock and not self.lock.pending:
            self._wanted = False
        self.lock.confirmed(lock)
        self.unlock.confirmed(unlock)

    def lost(self, why: str) -> None:
        """Note that the device was lost: a lock is still to be set when it is back."""
        self.unlock.drop(why)

    def reconnected(self) -> None:
        """Note that the device is back."""
        self.lock.disarm()
        self.unlock.disarm()

    def drop(self, why: str) -> None:
        """End both requests."""
        self.lock.drop(why)
        self.unlock.drop(why)


def done(result: str) -> "Future[str]":
    """Return a request that has ended with this result."""
    future: Future[str] = Future()
    future.set_result(result)
    return future
