"""All simulated devices by name: their settings, what they measure, how to make one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import (
    arduino_scale,
    autonics_tk,
    delta_dtb,
    eurotherm_3200,
    flintec_dad141,
    generic_plc,
    iai_rcp,
    laumas_tlb,
    mt_sics,
    omron_e5c,
    oriental_az,
    pavone_dat,
    seneca_zsg,
    vacuum_gauge,
    watlow_ezzone_pm,
    yudian_ai,
    yudian_parameters,
)
from .device import SimulatedDevice
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of device.

    Attributes:
        settings: its section of a file.
        make: makes one from its settings and what it measures.
        value: what it measures at first in a world of fixed values: degC, N, Pa.
        modbus: it speaks Modbus frames, whose unit can be exchanged.
    """

    settings: type[Settings]
    make: Callable[[Any, Callable[[], float]], SimulatedDevice]
    value: float
    modbus: bool = True


ROOM_TEMPERATURE = 25.0
NO_FORCE = 0.0
ATMOSPHERE = 101_325.0

MODELS: dict[str, Model] = {
    "eurotherm_3200": Model(
        eurotherm_3200.Settings, eurotherm_3200.Eurotherm3200, ROOM_TEMPERATURE
    ),
    "omron_e5c": Model(omron_e5c.Settings, omron_e5c.OmronE5c, ROOM_TEMPERATURE),
    "watlow_ezzone_pm": Model(
        watlow_ezzone_pm.Settings, watlow_ezzone_pm.WatlowEzzonePm, ROOM_TEMPERATURE
    ),
    "delta_dtb": Model(delta_dtb.Settings, delta_dtb.DeltaDtb, ROOM_TEMPERATURE),
    "autonics_tk": Model(autonics_tk.Settings, autonics_tk.AutonicsTk, ROOM_TEMPERATURE),
    "laumas_tlb": Model(laumas_tlb.Settings, laumas_tlb.LaumasTlb, NO_FORCE),
    "pavone_dat": Model(pavone_dat.Settings, pavone_dat.PavoneDat, NO_FORCE),
    "flintec_dad141": Model(flintec_dad141.Settings, flintec_dad141.FlintecDad141, NO_FORCE),
    "seneca_zsg": Model(seneca_zsg.Settings, seneca_zsg.SenecaZsg, NO_FORCE),
    "oriental_az": Model(oriental_az.Settings, oriental_az.OrientalAz, NO_FORCE),
    "iai_rcp": Model(iai_rcp.Settings, iai_rcp.IaiRcp, NO_FORCE),
    "yudian_ai": Model(
        yudian_parameters.Settings, yudian_ai.YudianAi, ROOM_TEMPERATURE, modbus=False
    ),
    "mt_sics": Model(mt_sics.Settings, mt_sics.MtSics, NO_FORCE, modbus=False),
    "arduino_scale": Model(
        arduino_scale.Settings, arduino_scale.ArduinoScale, NO_FORCE, modbus=False
    ),
    "vacuum_gauge": Model(
        vacuum_gauge.Settings, vacuum_gauge.VacuumGauge, ATMOSPHERE, modbus=False
    ),
    "generic_plc": Model(generic_plc.Settings, generic_plc.GenericPlc, NO_FORCE),
}
