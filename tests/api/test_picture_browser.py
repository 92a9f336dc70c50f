"""The page that `draw` writes, in a real browser: wheel, dragging and clicking do what the page says, and it fetches nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from cityweave.api import picture_svg
from cityweave.api.door import Door
from cityweave.api.model_graph import Draw
from cityweave.api.workspace import Workspace

pytestmark = pytest.mark.browser

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (*QUIET, "--window-size=1200,900", f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with Chrome(options, ChromeService(shutil.which("chromedriver"))) as driver:
        yield driver


@pytest.fixture
def page(browser: Chrome, workspace: Path, hub: str, tmp_path: Path) -> Chrome:
    """The picture of the firm with most relations, opened."""
    file = tmp_path / "图.html"
    file.write_text(picture_svg.page(Door(Workspace.open(workspace)).ask(Draw(id=hub))), "utf-8")
    browser.get(file.as_uri())
    return browser


def picture(page: Chrome) -> WebElement:
    return page.find_element(By.TAG_NAME, "svg")


def view(page: Chrome) -> tuple[float, ...]:
    """The part of the picture that is seen: left, top, width, height."""
    box = page.execute_script("const v = document.querySelector('svg').viewBox.baseVal; return [v.x, v.y, v.width, v.height]")
    return tuple(map(float, box))


def nodes(page: Chrome, faded: bool) -> set[str]:
    found = page.find_elements(By.CSS_SELECTOR, ".node.far" if faded else ".node:not(.far)")
    return {str(node.get_attribute("data-node")) for node in found}


def test_the_whole_picture_is_seen_and_nothing_is_fetched(page: Chrome) -> None:
    assert len(nodes(page, faded=False)) > 3
    box = picture(page).rect
    assert 0 < box["width"] <= 1200 and 0 < box["height"] <= 900
    assert page.execute_script("const d = document.documentElement; return d.scrollHeight <= d.clientHeight && d.scrollWidth <= d.clientWidth")
    assert page.get_log("browser") == []
    told = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [item["params"] for item in told if item["method"] == "Network.requestWillBeSent" and not item["params"]["documentURL"].startswith("chrome:")]
    assert [item["request"]["url"] for item in asked] == [page.current_url]


def test_the_wheel_enlarges_where_it_is_turned(page: Chrome) -> None:
    before = view(page)
    ActionChains(page).scroll_from_origin(ScrollOrigin.from_viewport(300, 300), 0, -200).perform()
    after = view(page)
    assert after[2] < before[2] and after[3] < before[3]
    ActionChains(page).scroll_from_origin(ScrollOrigin.from_viewport(300, 300), 0, 200).perform()
    assert view(page) == pytest.approx(before, abs=0.01)


def test_dragging_moves_and_keeps_all_nodes(page: Chrome) -> None:
    before = view(page)
    ActionChains(page).move_to_element_with_offset(picture(page), -200, -200).click_and_hold().move_by_offset(80, 40).release().perform()
    after = view(page)
    assert after[0] < before[0] and after[1] < before[1] and after[2:] == before[2:]
    assert nodes(page, faded=True) == set()


def test_a_click_keeps_what_is_related_to_one_node(page: Chrome, hub: str) -> None:
    ties = [(tie.get_attribute("data-a"), tie.get_attribute("data-b")) for tie in page.find_elements(By.CSS_SELECTOR, ".tie")]
    one = next(a if b == hub else b for a, b in ties if hub in (a, b))
    related = {one, *(b for a, b in ties if a == one), *(a for a, b in ties if b == one)}
    page.find_element(By.CSS_SELECTOR, f'.node[data-node="{one}"]').click()
    assert nodes(page, faded=False) == related and nodes(page, faded=True)
    corner = picture(page).rect
    ActionChains(page).move_to_element_with_offset(picture(page), 5 - corner["width"] // 2, 5 - corner["height"] // 2).click().perform()
    assert nodes(page, faded=True) == set()
