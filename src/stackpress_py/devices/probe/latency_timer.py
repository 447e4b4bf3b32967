"""The latency timer of USB adapters with an FTDI chip: how long they hold bytes back.

The chip hands over what it has received when a USB packet is full or its timer ends, and Linux sets
that to 16 ms. An answer on a bus is mostly shorter than a packet, so every transaction waits for the
timer. Adapters with other chips have none that can be set.
"""

from pathlib import Path

SYSFS = Path("/sys")
#: ms; the shortest that the driver takes.
SHORTEST_MS = 1
#: The rule that sets it at each plugging in, in the folder of the installed files.
RULE = "config/udev/70-stackpress-serial.rules"


def timer_file(path: str, sysfs: Path = SYSFS) -> Path:
    """Return the file of a serial port's latency timer, whether or not there is one.

    Args:
        path: device or symbolic link.
        sysfs: where the system tells of its devices.
    """
    return sysfs / "class" / "tty" / Path(path).resolve().name / "device" / "latency_timer"


def latency_ms(path: str, sysfs: Path = SYSFS) -> int | None:
    """Return the latency timer of a serial port; None: it has none.

    Args:
        path: device or symbolic link.
        sysfs: where the system tells of its devices.
    """
    try:
        return int(timer_file(path, sysfs).read_text())
    except (OSError, ValueError):
        return None


def why_slow(path: str, cycle_rate: float, sysfs: Path = SYSFS) -> str:
    """Return one sentence if a port's latency timer is longer than need be; else empty.

    Args:
        path: device or symbolic link.
        cycle_rate: Hz that the bus shall reach; 0: not known.
        sysfs: where the system tells of its devices.
    """
    found = latency_ms(path, sysfs)
    if found is None or found <= SHORTEST_MS:
        return ""
    effect = "every answer comes so much later"
    if cycle_rate > 0.0:
        period = 1e3 / cycle_rate
        short = "more than" if found >= period else f"{100.0 * found / period:.0f} % of"
        effect = f"{short} a cycle of {period:.3g} ms at {cycle_rate:g} Hz"
    return (
        f"{path}: the latency timer of this USB adapter is {found} ms, {effect}; install the rule"
        f" {RULE} and plug the adapter in again, or set it now with"
        f" `echo {SHORTEST_MS} | sudo tee {timer_file(path, sysfs)}`"
    )
