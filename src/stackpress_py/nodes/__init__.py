"""The ROS nodes: plumbing only, every decision is made below."""
