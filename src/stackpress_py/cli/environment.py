"""The environment in which the programs of one press talk to each other, and which domain is free.

Whatever the user has set stays.
"""

import os
import random
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.launch_support import ros_defaults

DOMAIN = "ROS_DOMAIN_ID"
#: Domains whose UDP ports lie below Linux's range of ephemeral ports.
DOMAINS = range(1, 101)
#: DDS takes the UDP ports from 7400 + 250 * domain on (RTPS 2.5, section 9.6.2.3).
DDS_PORT_BASE, DDS_PORTS_PER_DOMAIN = 7400, 250
#: ROS's own test tools reserve domain n by listening on this TCP port + n; so do we.
RESERVATION_PORT_BASE = 32768


def completed(environment: Mapping[str, str], domain: int | None = None) -> dict[str, str]:
    """Return the environment with our defaults where it says nothing, and a given domain."""
    result = {**ros_defaults(), **environment}
    if domain is not None:
        result[DOMAIN] = str(domain)
    return result


def apply(domain: int | None = None) -> None:
    """Complete this process's own environment; to be called before rclpy starts."""
    os.environ.update(completed(os.environ, domain))


def domain_of(environment: Mapping[str, str]) -> int:
    """Return the ROS domain that an environment names; 0 if it names none.

    Raises:
        CliError: what it names is not a number from 0 to 232.
    """
    text = environment.get(DOMAIN, "") or "0"
    if not text.isdecimal() or int(text) > 232:
        raise CliError(
            ExitCode.BAD_INPUT, f"{DOMAIN} is {text!r}; allowed is a number from 0 to 232"
        )
    return int(text)


@contextmanager
def free_domain() -> Iterator[int]:
    """Reserve a ROS domain that no process on this machine uses, for as long as the context lasts.

    Raises:
        CliError: all of them are in use.
    """
    busy = _domains_in_use()
    candidates = [domain for domain in DOMAINS if domain not in busy]
    random.shuffle(candidates)
    for domain in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as reservation:
            try:
                reservation.bind(("", RESERVATION_PORT_BASE + domain))
            except OSError:
                continue
            yield domain
            return
    raise CliError(
        ExitCode.NOT_READY, "no ROS domain from 1 to 100 is free: give one with --domain"
    )


def _domains_in_use() -> set[int]:
    domains = set()
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        path = Path(table)
        lines = path.read_text().splitlines()[1:] if path.exists() else []
        ports = (int(line.split()[1].rpartition(":")[2], 16) for line in lines)
        domains |= {(port - DDS_PORT_BASE) // DDS_PORTS_PER_DOMAIN for port in ports}
    return domains
