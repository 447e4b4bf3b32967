"""The record of a run: MCAP, journal, manifest and report; no ROS."""
