"""Why a port cannot be used: each reason with what to do."""

import errno
import os
from pathlib import Path

import pytest

from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.bus.serial_port import LineSettings, SerialPort
from stackpress_py.devices.probe.ports import known_ports, users, why_not_opened

SETTINGS = LineSettings(9600, "none", 1)


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    folder = tmp_path / "dev"
    (folder / "serial" / "by-id").mkdir(parents=True)
    for name in ("ttyUSB0", "ttyUSB1", "ttyACM0", "ttyS0", "null"):
        (folder / name).touch()
    (folder / "serial" / "by-id" / "usb-FTDI_A1").symlink_to("../../ttyUSB1")
    return folder


@pytest.fixture
def proc(tmp_path: Path, dev: Path) -> Path:
    """Two processes, of which one has a port open, and one whose files cannot be seen."""
    folder = tmp_path / "proc"
    for number, name, target in ((41, "minicom", dev / "ttyUSB0"), (42, "bash", dev / "null")):
        (folder / str(number) / "fd").mkdir(parents=True)
        (folder / str(number) / "comm").write_text(f"{name}\n")
        (folder / str(number) / "fd" / "3").symlink_to(target)
    (folder / "43").mkdir()
    (folder / str(os.getpid()) / "fd").mkdir(parents=True)
    (folder / str(os.getpid()) / "fd" / "3").symlink_to(dev / "ttyUSB0")
    return folder


def failed(code: int) -> PortError:
    try:
        raise PortError("the port x cannot be opened") from OSError(code, os.strerror(code))
    except PortError as error:
        return error


def test_ports_are_listed_by_their_lasting_names(dev: Path) -> None:
    assert known_ports(dev) == [
        f"{dev}/ttyACM0",
        f"{dev}/ttyUSB0",
        f"{dev}/serial/by-id/usb-FTDI_A1 (ttyUSB1)",
    ]


def test_other_programs_at_a_port_are_named(dev: Path, proc: Path) -> None:
    assert users(str(dev / "ttyUSB0"), proc) == ["minicom (41)"]
    assert users(str(dev / "ttyUSB1"), proc) == []


def test_a_missing_port_is_answered_with_those_that_are_there(dev: Path) -> None:
    first, *others = why_not_opened(failed(errno.ENOENT), "/dev/ttyUSB9", dev)
    assert first == "there is no port /dev/ttyUSB9; there are:"
    assert len(others) == 3


def test_without_any_port_the_adapter_is_missing(tmp_path: Path) -> None:
    assert why_not_opened(failed(errno.ENOENT), "/dev/ttyUSB9", tmp_path) == [
        "there is no port /dev/ttyUSB9, and no other: plug the adapter in"
    ]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM])
def test_a_port_of_others_needs_their_group(code: int) -> None:
    (line,) = why_not_opened(failed(code), "/dev/ttyUSB0")
    assert "sudo usermod -aG dialout $USER" in line


def test_a_port_in_use_names_the_user(dev: Path, proc: Path) -> None:
    path = str(dev / "ttyUSB0")
    assert why_not_opened(failed(errno.EBUSY), path, dev, proc) == [
        f"another program uses the port {path}: minicom (41); end it first"
    ]


def test_what_is_not_known_is_told_as_it_is() -> None:
    assert why_not_opened(failed(errno.EIO), "x") == ["the port x cannot be opened"]


# ---- with the system's own errors ------------------------------------------------------------------


def test_a_port_that_a_real_program_has_open_is_told() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    first, second = SerialPort(path, SETTINGS), SerialPort(path, SETTINGS)
    first.open()
    try:
        with pytest.raises(PortError) as caught:
            second.open()
    finally:
        first.close()
        os.close(slave)
        os.close(master)
    (line,) = why_not_opened(caught.value, path)
    assert line.startswith(f"another program uses the port {path}")


@pytest.mark.parametrize(
    ("path", "text"),
    [("/dev/null", "/dev/null is no serial port"), ("/dev/nothing", "there is no port")],
)
def test_what_is_no_port_is_told(path: str, text: str) -> None:
    with pytest.raises(PortError) as caught:
        SerialPort(path, SETTINGS).open()
    assert why_not_opened(caught.value, path)[0].startswith(text)
