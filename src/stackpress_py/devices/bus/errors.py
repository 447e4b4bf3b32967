"""What can go wrong between the computer and a device.

.. code-block:: text

    DeviceError              also: it is another device than the profile says
    ├── PortError            the port is missing, in use by another program, or was unplugged
    ├── NoReplyError         nothing came in time (also a TimeoutError)
    ├── ReplyError           something came that is not the answer: noise, wrong unit, wrong length
    │   └── NeverSilentError the line is never silent
    ├── RefusedError         the device answered with a Modbus exception
    └── NotTakenError        the device confirmed a write and holds something else

Every message is one sentence that names the device or port.
"""


class DeviceError(Exception):
    """A device cannot be used.

    Example: the identity block of the press tells another device than the profile.
    """


class PortError(DeviceError):
    """The port cannot be used; it has been closed, and may be opened again.

    Example: a USB adapter was unplugged.
    """


class NoReplyError(DeviceError, TimeoutError):
    """The device did not answer in time.

    Example: it has no power, or listens at another baud rate.
    """


class ReplyError(DeviceError):
    """What came is not the answer to what was asked.

    Example: a bit was flipped on the way, or another unit spoke.
    """


class NeverSilentError(ReplyError):
    """The line is never silent, so nobody on it can be asked.

    Example: an adapter without termination hears noise, or another master speaks.
    """


class RefusedError(DeviceError):
    """The device understood and refused.

    Example: a set-point lies beyond the device's own limit.

    Attributes:
        code: Modbus exception code.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class NotTakenError(DeviceError):
    """The device confirmed a write, but holds another value.

    Example: a controller limits its set-point, or its writing is locked on the front panel.
    """
