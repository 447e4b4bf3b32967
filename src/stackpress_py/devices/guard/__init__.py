"""What stands between the press and the graph: command gate, range fusion, zeros, interlocks, lock."""
