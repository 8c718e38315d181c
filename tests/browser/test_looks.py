"""Languages, light and dark, and what those need who see or move little."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import PHONE, Visitor

# For each text that can be seen: its colour, and the colour that it stands on.
CONTRASTS = """
() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const ground = (element) => {
    for (let here = element; here; here = here.parentElement) {
      const colour = parts(getComputedStyle(here).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "") &&
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.clientWidth > 1);
  return texts.map((element) => {
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const text = `${element.className}: ${element.textContent.trim().slice(0, 30)}`;
    return { text, ratio: (one + 0.05) / (other + 0.05) };
  });
}
"""


def assert_all_can_be_read(visitor: Visitor) -> None:
    contrasts = visitor.page.evaluate(CONTRASTS)
    assert len(contrasts) > 5
    assert [found for found in contrasts if found["ratio"] < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(visit: Visit, scheme: str) -> None:
    ann, bo = visit("Ann", color_scheme=scheme, viewport=PHONE), visit("Bo")
    assert_all_can_be_read(ann)
    for visitor in (ann, bo):
        visitor.enter(f"contrast {scheme}")
    for text in ("one https://example.org/ two", "to be deleted", "to be edited"):
        bo.say(text)
        ann.say(f"my {text}")
    for own in (ann, bo):
        expect(own.messages).to_have_count(6)
    bo.field.press("ArrowUp")
    bo.say("edited")
    ann.message("my to be deleted").hover()
    ann.page.get_by_role("button", name="Delete").click()
    assert_all_can_be_read(ann)
    ann.page.get_by_role("button", name="Delete").click()
    expect(ann.page.locator(".teahouse-deleted")).to_have_count(1)
    ann.write("x" * 4001)
    assert_all_can_be_read(ann)
    ann.context.set_offline(True)
    ann.say("on its way")
    expect(ann.page.locator(".teahouse-status")).to_contain_text("You are offline.", timeout=15_000)
    assert_all_can_be_read(ann)


def test_the_page_speaks_chinese(visit: Visit) -> None:
    ann = visit(locale="zh-CN")
    ann.page.goto(ann.site)
    expect(ann.page.get_by_role("heading", name="房间", exact=True)).to_be_visible()
    ann.enter("群聊")
    expect(ann.page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(ann.field).to_have_attribute("placeholder", "说点什么…")
    expect(ann.page.get_by_text("这里还很安静，来说第一句话吧。")).to_be_visible()
    ann.say("大家好")
    ann.sees("大家好")
    expect(ann.page.locator(".teahouse-day")).to_have_text(["今天"])
    ann.message("大家好").hover()
    ann.page.get_by_role("button", name="删除").click()
    expect(ann.page.get_by_text("删除这条消息？")).to_be_visible()
    ann.page.get_by_role("button", name="删除").click()
    ann.sees("这条消息已删除。")


def test_the_language_can_be_chosen_where_one_stands(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("languages")
    ann.page.get_by_role("button", name="简体中文").click()
    ann.wait_for_state("online")
    expect(ann.page.locator(".teahouse-title")).to_have_text("languages")
    expect(ann.page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_who_hears_the_page_is_told_what_comes_and_nothing_twice(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("heard")
    bo.say("can you hear me?")
    live = ann.page.locator("[aria-live=polite].teahouse-heard")
    expect(live).to_have_text("Bo: can you hear me?")
    expect(ann.page.get_by_role("log", name="Messages")).to_have_attribute("aria-live", "off")
    expect(ann.page.get_by_role("status").first).to_contain_text("Connected")


def test_nothing_moves_for_those_who_asked_for_it(visit: Visit) -> None:
    ann = visit("Ann", reduced_motion="reduce")
    ann.enter("still")
    ann.say("one")
    ann.sees("one")
    running = ann.page.evaluate("document.getAnimations().filter(({playState}) => playState === 'running').length")
    assert running == 0


def test_a_long_name_leaves_the_head_of_a_phone_in_one_line(visit: Visit) -> None:
    short, long = visit("Bo", viewport=PHONE), visit("Wolfeschlegelsteinhausenbergerdorff Sen.", viewport=PHONE)
    heights = [visitor.page.locator(".site-header").bounding_box() for visitor in (short, long)]
    assert heights[0] == heights[1]
