"""The files for rviz and rqt fit the press and the graph."""

import ast
import json
from xml.etree import ElementTree

import pytest
import yaml

from stackpress_py import graph, launch_support
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.paths import config

MODEL = ElementTree.parse(launch_support.press_model()).getroot()
LOOPS = (graph.PRESSURE_LOOP, graph.UPPER_PLATEN_LOOP, graph.LOWER_PLATEN_LOOP)


def test_the_model_is_one_tree() -> None:
    links = {link.attrib["name"] for link in MODEL.findall("link")}
    parents = {}
    for joint in MODEL.findall("joint"):
        parents[joint.find("child").attrib["link"]] = joint.find("parent").attrib["link"]
    assert links - set(parents) == {"frame"}
    assert set(parents) | set(parents.values()) == links
    assert {"ram", "upper_platen", "lower_platen", "die"} <= links


def test_the_ram_moves_as_the_profile_says() -> None:
    (joint,) = (j for j in MODEL.findall("joint") if j.attrib["name"] == "ram_joint")
    limits = load_profile(launch_support.DEFAULT_PROFILE).limits
    limit = joint.find("limit").attrib
    assert joint.attrib["type"] == "prismatic"
    assert joint.find("axis").attrib["xyz"] == "0 0 -1"
    assert float(limit["lower"]) == 0.0
    assert float(limit["upper"]) == pytest.approx(limits.travel)
    assert float(limit["velocity"]) == pytest.approx(limits.velocity)


def test_every_material_of_the_model_is_defined() -> None:
    defined = {material.attrib["name"] for material in MODEL.findall("material")}
    assert {m.attrib["name"] for m in MODEL.iterfind(".//visual/material")} <= defined


def test_rviz_shows_the_model_of_the_default_press() -> None:
    layout = yaml.safe_load(config("rviz", "press.rviz").read_text())
    manager = layout["Visualization Manager"]
    (model,) = (d for d in manager["Displays"] if d["Name"] == "Press")
    assert model["Description Topic"]["Value"] == f"{graph.DEFAULT_NAMESPACE}/robot_description"
    assert manager["Global Options"]["Fixed Frame"] == "frame"


def test_rqt_plots_fields_of_the_loops() -> None:
    layout = json.loads(config("rqt", "press.perspective").read_text())
    manager = layout["groups"]["pluginmanager"]
    running = ast.literal_eval(manager["keys"]["running-plugins"]["repr"])
    assert set(running) == {"rqt_plot/Plot", "rqt_console/Console"}
    for number in running["rqt_plot/Plot"]:
        plugin = manager["groups"][f"plugin__rqt_plot__Plot__{number}"]["groups"]["plugin"]
        topics = ast.literal_eval(plugin["keys"]["topics"]["repr"])
        for topic in [topics] if isinstance(topics, str) else topics:
            loop, _, field = topic.removeprefix(f"{graph.DEFAULT_NAMESPACE}/").rpartition("/")
            assert loop in LOOPS
            assert field in ("setpoint", "value", "output")
