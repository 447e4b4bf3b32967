"""The ``stackpress`` command and the other programs that talk to a press from outside the graph."""
