"""The latency timer of FTDI adapters, in a system folder of our own."""

from pathlib import Path

import pytest

from stackpress_py.devices.probe.latency_timer import latency_ms, timer_file, why_slow
from stackpress_py.paths import share_directory


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """The folders that Linux makes: the tty's ``device`` leads to that of the USB driver."""
    sys = tmp_path / "sys"
    for name in ("ttyUSB0", "ttyACM0"):
        device = sys / "devices" / "usb1" / name
        device.mkdir(parents=True)
        tty = sys / "class" / "tty" / name
        tty.mkdir(parents=True)
        (tty / "device").symlink_to(device)
    (sys / "devices" / "usb1" / "ttyUSB0" / "latency_timer").write_text("16\n")
    return sys


def test_an_ftdi_adapter_has_a_timer(sysfs: Path) -> None:
    assert latency_ms("/dev/ttyUSB0", sysfs) == 16


def test_a_lasting_name_leads_to_the_same_timer(sysfs: Path, tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    link = tmp_path / "usb-FTDI_FT232R-if00-port0"
    link.symlink_to(tmp_path / "ttyUSB0")
    assert latency_ms(str(link), sysfs) == 16


@pytest.mark.parametrize("path", ["/dev/ttyACM0", "/dev/ttyS0", "/dev/ttyUSB7"])
def test_other_ports_have_none(path: str, sysfs: Path) -> None:
    assert latency_ms(path, sysfs) is None
    assert why_slow(path, 60.0, sysfs) == ""


def test_nonsense_in_the_file_is_no_timer(sysfs: Path) -> None:
    timer_file("/dev/ttyUSB0", sysfs).write_text("?\n")
    assert latency_ms("/dev/ttyUSB0", sysfs) is None


def test_a_short_timer_is_not_slow(sysfs: Path) -> None:
    timer_file("/dev/ttyUSB0", sysfs).write_text("1\n")
    assert why_slow("/dev/ttyUSB0", 60.0, sysfs) == ""


@pytest.mark.parametrize(
    ("rate", "effect"),
    [
        (100.0, "16 ms, more than a cycle of 10 ms at 100 Hz;"),
        (25.0, "16 ms, 40 % of a cycle of 40 ms at 25 Hz;"),
        (0.0, "16 ms, every answer comes so much later;"),
    ],
)
def test_a_long_timer_is_told_with_its_effect_and_its_cure(
    rate: float, effect: str, sysfs: Path
) -> None:
    text = why_slow("/dev/ttyUSB0", rate, sysfs)
    assert text.startswith(f"/dev/ttyUSB0: the latency timer of this USB adapter is {effect}")
    assert f"echo 1 | sudo tee {timer_file('/dev/ttyUSB0', sysfs)}" in text
    assert "\n" not in text


def test_the_rule_that_is_named_comes_with_stackpress(sysfs: Path) -> None:
    (named,) = (
        word for word in why_slow("/dev/ttyUSB0", 0.0, sysfs).split() if word.endswith(".rules")
    )
    lines = (share_directory() / named).read_text().splitlines()
    (rule,) = (line for line in lines if line and not line.startswith("#"))
    assert 'ATTRS{idVendor}=="0403"' in rule
    # What a rule's path begins at is the tty, as ours.
    assert 'ATTR{device/latency_timer}="1"' in rule
