"""People in one room: what one says, changes and takes back, the other sees."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_two_browsers_talk(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("tea & cake")
    ann.say("Cake at four?")
    bo.sees("Cake at four?")
    bo.say("At four. 好的。")
    for visitor in (ann, bo):
        visitor.sees("Cake at four?", "At four. 好的。")
    expect(bo.message("Cake at four?").locator(".teahouse-author")).to_have_text("Ann")
    expect(bo.message("Cake at four?").locator(".teahouse-kind")).to_have_text("guest")
    expect(ann.page.locator(".teahouse-mine .teahouse-text")).to_have_text(["Cake at four?"])


def test_a_reload_forgets_nothing(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("reload")
    for text in ("one", "two", "three"):
        ann.say(text)
    ann.sees("one", "two", "three")
    ann.page.reload()
    ann.wait_for_state("online")
    ann.sees("one", "two", "three")
    expect(ann.page.locator(".teahouse-mine")).to_have_count(3)


def test_an_edit_is_seen_by_the_other(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("edits")
    ann.say("Cake at fuor")
    bo.sees("Cake at fuor")
    ann.begin_edit("Cake at fuor")
    expect(ann.field).to_have_value("Cake at fuor")
    ann.say("Cake at four")
    for visitor in (ann, bo):
        visitor.sees("Cake at four")
        expect(visitor.texts).to_have_attribute("data-edited", "edited")
    expect(ann.field).to_have_value("")


def test_a_deleted_text_is_gone_for_the_other(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("deletes")
    ann.say("a secret")
    ann.say("no secret")
    bo.sees("a secret", "no secret")
    read_out = bo.page.locator(".teahouse [aria-live=polite]").get_by_text("a secret")
    expect(read_out).to_have_count(1)
    ann.message("a secret").hover()
    ann.page.get_by_role("button", name="Delete").click()
    expect(ann.page.get_by_text("Delete this message?")).to_be_visible()
    ann.page.get_by_role("button", name="Delete").click()
    for visitor in (ann, bo):
        visitor.sees("This message was deleted.", "no secret")
    assert "a secret" not in bo.page.content()


def test_nobody_is_offered_to_change_what_another_said(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("others")
    ann.say("mine")
    bo.sees("mine")
    bo.message("mine").hover()
    offered = bo.page.locator(".teahouse-tools button")
    expect(offered).to_have_count(1)
    expect(offered).to_have_attribute("aria-label", "Report")
    bo.field.press("ArrowUp")
    expect(bo.field).to_have_value("")


def test_a_nickname_changes_in_place(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("names")
    ann.write("a draft that stays")
    ann.page.locator(".teahouse-you summary").click()
    ann.page.locator(".teahouse-you input[name=name]").fill("Anna Karenina")
    ann.page.keyboard.press("Enter")
    expect(ann.page.locator(".teahouse-you-name")).to_have_text("Anna Karenina")
    expect(ann.page.locator(".teahouse-you form")).to_be_hidden()
    ann.wait_for_state("online")
    expect(ann.field).to_have_value("a draft that stays")
    ann.field.press("Enter")
    bo.sees("a draft that stays")
    expect(bo.page.locator(".teahouse-author")).to_have_text("Anna Karenina")


def test_a_nickname_that_cannot_be_is_refused_where_it_was_typed(visit: Visit) -> None:
    ann = visit("Ann")
    ann.expected.append("status of 400")
    ann.enter("names")
    ann.page.locator(".teahouse-you summary").click()
    ann.page.locator(".teahouse-you input[name=name]").fill("x" * 500)
    ann.page.keyboard.press("Enter")
    expect(ann.page.get_by_text("This cannot be a nickname.")).to_be_visible()
    expect(ann.page.locator(".teahouse-you-name")).to_have_text("Ann")


def test_messages_of_one_author_stand_together(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("groups")
    for text in ("one", "two"):
        ann.say(text)
    bo.sees("one", "two")
    bo.say("three")
    ann.sees("one", "two", "three")
    expect(bo.page.locator(".teahouse-continued .teahouse-text")).to_have_text(["two"])
    expect(bo.page.locator(".teahouse-day")).to_have_text(["Today"])
