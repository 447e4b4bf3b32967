"""The parts of bench/force.py."""
