"""The serial port on a pseudo-terminal: opened, taken away, opened again."""

import os
import termios
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.bus.serial_port import (
    LineSettings,
    SerialPort,
    notice_parity_errors,
)

SETTINGS = LineSettings(115200, "even", 1)


class Line:
    """A pseudo-terminal behind a link, as the simulated press makes it."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.plug()

    def plug(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        os.close(self.master)
        os.close(self.slave)
        self.link.unlink(missing_ok=True)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    it = Line(tmp_path / "port")
    yield it
    if it.link.exists():
        it.unplug()


@pytest.fixture
def port(line: Line) -> Iterator[SerialPort]:
    it = SerialPort(str(line.link), SETTINGS)
    yield it
    it.close()


def test_bytes_go_both_ways_unchanged(line: Line, port: SerialPort) -> None:
    port.open()
    data = bytes(range(256))
    port.write(data)
    assert os.read(line.master, 1000) == data
    os.write(line.master, data)
    assert port.read(1.0) == data
    assert port.read(0.0) == b""


def test_a_wait_ends_with_the_first_byte_or_the_time(line: Line, port: SerialPort) -> None:
    port.open()
    begin = time.monotonic()
    assert port.read(0.0203) == b""
    assert time.monotonic() - begin >= 0.0203
    writer = threading.Timer(0.05, os.write, (line.master, b"x"))
    writer.start()
    assert port.read(30.0) == b"x"
    writer.join()


def test_more_bytes_than_the_system_takes_at_once_all_go(line: Line, port: SerialPort) -> None:
    port.open()
    data = bytes(range(256)) * 400
    came = bytearray()

    def take() -> None:
        while len(came) < len(data):
            came.extend(os.read(line.master, 1000))

    taker = threading.Thread(target=take)
    taker.start()
    port.write(data)
    taker.join()
    assert came == data


def test_bytes_that_nobody_takes_mean_that_the_port_is_lost(line: Line, port: SerialPort) -> None:
    port.open()
    with pytest.raises(PortError, match="takes no more bytes"):
        port.write(b"x" * 100_000)
    assert not port.is_open


def test_a_port_can_be_closed_and_opened_again(line: Line, port: SerialPort) -> None:
    for _ in range(3):
        port.open()
        port.open()
        assert port.is_open
        port.close()
        port.close()
        assert not port.is_open


def test_a_closed_port_is_told(port: SerialPort) -> None:
    for use in (lambda: port.write(b"x"), lambda: port.read(0.0)):
        with pytest.raises(PortError, match="is closed"):
            use()


def test_unplug_is_told_and_replug_works(line: Line, port: SerialPort) -> None:
    port.open()
    line.unplug()
    with pytest.raises(PortError, match=r"port was lost: (Input/output error|the device is gone)"):
        port.read(1.0)
    assert not port.is_open
    with pytest.raises(PortError, match="cannot be opened: No such file or directory"):
        port.open()
    line.plug()
    port.open()
    os.write(line.master, b"again")
    assert port.read(1.0) == b"again"


def test_unplug_is_told_when_writing(line: Line, port: SerialPort) -> None:
    port.open()
    line.unplug()
    with pytest.raises(PortError, match="was lost"):
        port.write(b"x")


def test_a_port_is_for_one_program(line: Line, port: SerialPort) -> None:
    port.open()
    other = SerialPort(str(line.link), SETTINGS)
    with pytest.raises(PortError, match="another program uses it"):
        other.open()


def test_what_is_no_port_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(PortError, match="cannot be opened"):
        SerialPort(str(path), SETTINGS).open()


@pytest.mark.parametrize(
    ("settings", "bits"),
    [
        (LineSettings(9600, "none", 1), 10),
        (LineSettings(9600, "even", 1), 11),
        (LineSettings(9600, "odd", 2), 12),
    ],
)
def test_the_time_of_a_character(settings: LineSettings, bits: int) -> None:
    assert settings.character == pytest.approx(bits / 9600)


def test_wrong_parity_is_noticed_where_there_is_a_parity() -> None:
    """A pseudo-terminal has none: what can be seen here is that the port is told to look."""
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        assert not termios.tcgetattr(slave)[0] & termios.INPCK
        notice_parity_errors(slave)
        flags = termios.tcgetattr(slave)[0]
        assert flags & termios.INPCK
        assert not flags & (termios.IGNPAR | termios.PARMRK), "the byte comes as zero"
    finally:
        os.close(master)
        os.close(slave)
