"""Control laws: force on the stack and temperature of the platens. No ROS, no clock."""
