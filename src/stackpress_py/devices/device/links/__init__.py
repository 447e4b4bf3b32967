"""The way of one device over its bus: raw numbers by the names of points, whatever the protocol."""

from stackpress_py.devices.device.links.aibus import AibusLink
from stackpress_py.devices.device.links.ascii import AsciiLink
from stackpress_py.devices.device.links.link import Link, Numbers
from stackpress_py.devices.device.links.modbus import ModbusLink

__all__ = ["AibusLink", "AsciiLink", "Link", "ModbusLink", "Numbers"]
