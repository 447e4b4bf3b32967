"""Why a port cannot be used, which ports there are, and who else uses one."""

import errno
import os
from pathlib import Path

from stackpress_py.devices.bus.errors import PortError

DEV = Path("/dev")
PROC = Path("/proc")
#: Names of serial ports below /dev that are worth a try.
_PATTERNS = ("ttyUSB*", "ttyACM*", "ttyAMA*", "ttyXRUSB*", "ttyMXUSB*")
_MISSING = (errno.ENOENT, errno.ENXIO, errno.ENODEV)
_FORBIDDEN = (errno.EACCES, errno.EPERM)


def known_ports(dev: Path = DEV) -> list[str]:
    """Return the serial ports of this computer, by the names that do not change where there are any.

    Args:
        dev: folder of the device files.
    """
    lasting = {link.resolve(): link for link in sorted((dev / "serial" / "by-id").glob("*"))}
    ports = sorted(port for pattern in _PATTERNS for port in dev.glob(pattern))
    return [
        f"{lasting[port.resolve()]} ({port.name})" if port.resolve() in lasting else f"{port}"
        for port in ports
    ]


def users(path: str, proc: Path = PROC) -> list[str]:
    """Return the other programs that have a port open, as ``name (number)``.

    Programs of other users cannot be seen without their rights.

    Args:
        path: device or symbolic link.
        proc: where the system tells of its processes.
    """
    target = Path(path).resolve()
    found = []
    for folder in proc.glob("[0-9]*"):
        if folder.name != str(os.getpid()) and _has_open(folder, target):
            found.append(f"{_name(folder)} ({folder.name})")
    return sorted(found)


def _has_open(process: Path, target: Path) -> bool:
    try:
        return any(link.readlink() == target for link in (process / "fd").iterdir())
    except OSError:
        return False


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "a program"


def why_not_opened(error: PortError, path: str, dev: Path = DEV, proc: Path = PROC) -> list[str]:
    """Return what is wrong with a serial port and what to do, one sentence a line.

    Args:
        error: of its opening.
        path: device or symbolic link.
        dev: folder of the device files.
        proc: where the system tells of its processes.
    """
    cause = error.__cause__
    code = cause.errno if isinstance(cause, OSError) else None
    if code in _MISSING:
        ports = known_ports(dev)
        if not ports:
            return [f"there is no port {path}, and no other: plug the adapter in"]
        return [f"there is no port {path}; there are:", *(f"  {port}" for port in ports)]
    if code in _FORBIDDEN:
        return [
            f"the port {path} is not open to you: add yourself to its group, mostly with"
            " `sudo usermod -aG dialout $USER`, then log out and in again"
        ]
    if code == errno.EBUSY or "another program" in str(error):
        others = users(path, proc)
        who = f": {', '.join(others)}" if others else ""
        return [f"another program uses the port {path}{who}; end it first"]
    if "Inappropriate ioctl" in str(error):
        return [f"{path} is no serial port"]
    return [str(error)]
