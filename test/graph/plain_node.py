"""A node of the graph that does nothing but live: ``python plain_node.py NAME``.

The supervisor sees lifecycle services and heartbeats; what a node does is all the same to it.
"""

import sys

from stackpress_py.nodes.base import NodeError, StackpressNode, run_node


class PlainNode(StackpressNode):
    """Lives; and fails its configuration as often as the second argument says."""

    def __init__(self) -> None:
        super().__init__(sys.argv[1])
        self._failures = int(sys.argv[2]) if len(sys.argv) > 2 else 0

    def configure(self) -> None:
        if self._failures > 0:
            self._failures -= 1
            raise NodeError("the test wants it so")


if __name__ == "__main__":
    run_node(PlainNode)
