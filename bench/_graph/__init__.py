"""The parts of bench/graph.py."""
