import re
from xml.etree import ElementTree

import pytest

from sen.shared.ui import charts

ROWS = [("0–5", 2, "/x?a=1&b=2"), ("<b>5–8</b>", 8), ("8–10", 0)]


@pytest.mark.parametrize("draw", [charts.bars, charts.distribution, charts.trend])
def test_a_chart_is_well_formed_hidden_from_screen_readers_and_has_its_table_behind_it(draw):
    drawn = draw(ROWS, title="Phổ điểm", unit="Học sinh")
    figure = ElementTree.fromstring(drawn)
    assert figure.find("svg").get("aria-hidden") == "true"
    cells = [cell.text for cell in figure.findall(".//tbody/tr/td")]
    assert cells == ["2", "8", "0"]
    assert figure.find(".//tbody/tr/th/a").get("href") == "/x?a=1&b=2"
    assert "<b>" not in drawn


def test_the_highest_bar_fills_the_chart_and_zero_has_no_height():
    drawn = charts.distribution(ROWS, title="t")
    heights = [float(height) for height in re.findall(r'height="([\d.]+)" rx="2"', drawn)]
    assert heights == [30, 120, 0]


@pytest.mark.parametrize("draw", [charts.bars, charts.distribution, charts.trend])
def test_without_figures_there_is_a_sentence_and_all_zero_draws(draw):
    assert "<svg" not in draw([], title="t")
    assert "<svg" in draw([("a", 0), ("b", None)], title="t")


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (0, "heat heat-1"),
        (0.19, "heat heat-1"),
        (0.2, "heat heat-2"),
        (1, "heat heat-5"),
        (7, "heat heat-5"),
        (-1, "heat heat-1"),
        (None, "heat heat-none"),
    ],
)
def test_heat_has_five_steps_and_none_for_no_value(value, step):
    assert charts.heat_class(value) == step


def test_a_heat_map_of_equal_values_is_drawn():
    assert charts.heat_class(3, 3, 3) == "heat heat-1"


def test_a_long_name_is_shortened_in_the_drawing_and_whole_in_the_table():
    name = "Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Ea Súp"
    drawn = charts.bars([(name, 5)], title="t")
    assert drawn.count(name) == 1
    assert "…</text>" in drawn
