"""A press below ROS: wires, devices, the press that they make, what guards it, and probing."""
