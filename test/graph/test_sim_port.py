"""The simulated press's port, link and socket: opened again, found occupied, left behind."""

import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from graph.test_sim_peer import PATIENCE, REFERENCE, Press, running

READ_MAP_VERSION = bytes.fromhex("01030013000175CF")
MAP_VERSION_1 = bytes.fromhex("01030200017984")
BAD_START = 2


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sim") as name:
        yield Path(name)


def refused(folder: Path) -> str:
    words = ["--config", REFERENCE, "--link", folder / "port", "--world", folder / "world"]
    done = subprocess.run(
        [sys.executable, "-m", "stackpress_py.sim", *map(str, words), "--truth", folder / "truth"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (BAD_START, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def opened_with_parity(link: Path) -> serial.Serial:
    """Open the port as a driver does; right after another one the simulator may need a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return serial.Serial(str(link), 115200, parity="E", timeout=PATIENCE, exclusive=True)
        except termios.error:
            assert time.monotonic() < deadline, "the port cannot be opened with parity again"
            time.sleep(0.02)


def test_a_driver_that_wants_parity_can_open_the_port_again_and_again() -> None:
    with running() as press:
        for _ in range(4):
            with opened_with_parity(press.link) as port:
                port.write(READ_MAP_VERSION)
                assert port.read(len(MAP_VERSION_1)) == MAP_VERSION_1


def first_line(truth: Path) -> str:
    """Wait for the first whole line of a truth log."""
    deadline = time.monotonic() + PATIENCE
    while "\n" not in truth.read_text():
        assert time.monotonic() < deadline, "the simulated press writes no truth"
        time.sleep(0.02)
    return truth.read_text().splitlines()[0]


def test_a_second_press_at_the_same_place_is_refused_and_harms_nothing() -> None:
    with running() as press:
        begin = first_line(press.truth)
        assert "another simulated press runs there" in refused(press.link.parent)
        assert first_line(press.truth) == begin
        with serial.Serial(str(press.link), 115200, timeout=PATIENCE) as port:
            port.write(READ_MAP_VERSION)
            assert port.read(len(MAP_VERSION_1)) == MAP_VERSION_1


def test_what_a_killed_press_left_does_not_matter(folder: Path) -> None:
    killed = Press(folder, REFERENCE)
    killed.process.kill()
    killed.hand.close()
    killed.process.communicate(timeout=PATIENCE)
    assert killed.link.is_symlink() and killed.world.is_socket()
    again = Press(folder, REFERENCE)
    assert again.hand.do(op="state")["t"] is not None
    again.hand.close()
    assert again.stop() == ""
    assert not killed.link.is_symlink() and not killed.world.exists()


def test_a_link_that_would_overwrite_a_file_is_refused(folder: Path) -> None:
    (folder / "port").write_text("precious")
    assert "in the way" in refused(folder)
    assert (folder / "port").read_text() == "precious"
    assert not (folder / "world").exists()
