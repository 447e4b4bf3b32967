"""Buses, press profiles, range fusion and interlocks; no ROS."""
