"""The robot's hands: a socket with one line of JSON each way."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stackpress_py.cli import world
from stackpress_py.cli.exit_codes import CliError


@contextmanager
def simulator(path: Path, reply: bytes) -> Iterator[list[bytes]]:
    """Answer one request."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as lines:
                heard.append(lines.readline())
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield heard
        thread.join(5.0)


def test_place_and_take(tmp_path: Path) -> None:
    with simulator(tmp_path / "a", b'{"ok": true}\n') as heard:
        world.place(tmp_path / "a", "c7")
    assert json.loads(heard[0]) == {"op": "place", "cell_id": "c7"}
    with simulator(tmp_path / "b", b'{"ok": true, "cell_id": "c7"}\n') as heard:
        assert world.take(tmp_path / "b") == "c7"
    assert json.loads(heard[0]) == {"op": "take"}


def test_a_refusal_is_an_error_with_the_reason(tmp_path: Path) -> None:
    with (
        simulator(tmp_path / "a", b'{"ok": false, "error": "the ram moves"}\n'),
        pytest.raises(CliError, match="cannot place the cell: the ram moves"),
    ):
        world.place(tmp_path / "a", "c7")


@pytest.mark.parametrize("reply", [b"", b"nonsense\n"])
def test_no_answer_is_an_error(tmp_path: Path, reply: bytes) -> None:
    with simulator(tmp_path / "a", reply), pytest.raises(CliError, match="take"):
        world.take(tmp_path / "a")


def test_no_simulator_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="no answer"):
        world.take(tmp_path / "nothing")
