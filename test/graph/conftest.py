"""Fixtures of the graph tests: each has a ROS domain and processes of its own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.harness import Graph
from stackpress_py.cli import environment


@pytest.fixture
def own_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A ROS domain that nobody else uses, set in this process and all that it starts."""
    with environment.free_domain() as domain:
        for name, value in environment.completed(os.environ, domain).items():
            monkeypatch.setenv(name, value)
        yield domain


@pytest.fixture
def press(own_domain: int) -> Iterator[Graph]:
    """The processes of one press; nothing runs yet, and nothing is left."""
    # pytest's own folders have names that are too long for a socket.
    with tempfile.TemporaryDirectory(prefix="stackpress-") as folder:
        graph = Graph(Path(folder))
        try:
            yield graph
        finally:
            graph.close()
