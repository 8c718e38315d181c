"""The composer: nothing that was typed is lost, keys do what people expect, and conflicts show both sides."""

from collections.abc import Callable

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import PHONE


def test_drafts_survive_a_reload_each_in_its_room(visit: Visit) -> None:
    ann = visit("Ann")
    for room in ("one", "two"):
        ann.enter(room)
        ann.field.press_sequentially(f"draft of {room}\nwith two lines".replace("\n", " "))
    for room in ("one", "two"):
        ann.enter(room)
        expect(ann.field).to_have_value(f"draft of {room} with two lines")
    ann.say("sent")
    ann.sees("sent")
    ann.page.reload()
    ann.wait_for_state("online")
    expect(ann.field).to_have_value("")


def test_an_edit_under_way_survives_a_reload_beside_the_draft(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("edit draft")
    ann.say("posted")
    ann.sees("posted")
    ann.write("my draft")
    ann.begin_edit("posted")
    ann.write("half an edi")
    ann.page.reload()
    ann.wait_for_state("online")
    expect(ann.field).to_have_value("half an edi")
    ann.say("an edit")
    ann.sees("an edit")
    expect(ann.field).to_have_value("my draft")


def test_what_is_typed_while_an_edit_is_being_saved_is_kept(visit: Visit) -> None:
    ann = visit("Ann")
    late: list[Callable[[], None]] = []
    is_slow = True

    def hold_back_what_comes_of_the_edit(socket: WebSocketRoute) -> None:
        def pass_on(said: str | bytes) -> None:
            if is_slow and (late or '"better"' in str(said)):
                late.append(lambda: socket.send(said))
            else:
                socket.send(said)

        socket.connect_to_server().on_message(pass_on)

    ann.page.route_web_socket("**/ws/", hold_back_what_comes_of_the_edit)
    ann.enter("saving")
    ann.say("posted")
    ann.sees("posted")
    ann.begin_edit("posted")
    ann.say("better")
    ann.field.press_sequentially(" still")
    while len(late) < 2:  # the event, and the answer
        ann.page.wait_for_timeout(20)
    is_slow = False
    for send in late:
        send()
    ann.sees("better")
    expect(ann.field).to_have_value("better still")
    ann.field.press("Enter")
    ann.sees("better still")


def test_enter_sends_and_shift_enter_breaks_the_line(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("keys")
    ann.field.press_sequentially("one")
    ann.field.press("Shift+Enter")
    ann.field.press_sequentially("two")
    ann.field.press("Enter")
    ann.sees("one\ntwo")
    assert ann.texts.first.text_content() == "one\ntwo"
    ann.say("   ")
    expect(ann.field).to_have_value("   ")


def test_enter_among_chinese_candidates_sends_nothing(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("candidates")
    ann.field.focus()
    keyboard = ann.context.new_cdp_session(ann.page)
    keyboard.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    # What an input method leaves of the key: it goes down, and writes nothing.
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 13})
    keyboard.send("Input.insertText", {"text": "你好"})
    expect(ann.field).to_have_value("你好")
    expect(ann.messages).to_have_count(0)
    ann.field.press("Enter")
    ann.sees("你好")


def test_up_edits_the_last_own_message_and_escape_leaves_it(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("up")
    ann.say("mine")
    bo.sees("mine")
    bo.say("not mine")
    ann.sees("mine", "not mine")
    ann.field.press("ArrowUp")
    expect(ann.field).to_have_value("mine")
    expect(ann.page.get_by_text("You are editing a message")).to_be_visible()
    ann.field.press("Escape")
    expect(ann.field).to_have_value("")
    ann.sees("mine", "not mine")
    ann.write("a draft")
    ann.field.press("ArrowUp")
    expect(ann.field).to_have_value("a draft")


def test_a_conflict_shows_both_texts_and_loses_none(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("conflict")
    ann.say("as it was")
    ann.sees("as it was")
    other = ann.context.new_page()
    other.goto(ann.page.url)
    expect(other.locator(".teahouse-status")).to_have_attribute("data-state", "online")

    ann.field.press("ArrowUp")
    ann.write("mine")
    other.locator(".teahouse-composer textarea").press("ArrowUp")
    other.locator(".teahouse-composer textarea").fill("theirs")
    other.locator(".teahouse-composer textarea").press("Enter")
    ann.sees("theirs")
    ann.field.press("Enter")
    expect(ann.page.locator(".teahouse-conflict")).to_contain_text("It was changed meanwhile")
    expect(ann.page.locator(".teahouse-theirs")).to_have_text("theirs")
    expect(ann.field).to_have_value("mine")
    ann.field.press("Enter")
    ann.sees("mine")
    expect(ann.field).to_have_value("")


def test_an_edit_without_a_line_stays_in_the_field(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("edit offline")
    ann.say("posted")
    ann.sees("posted")
    ann.field.press("ArrowUp")
    ann.write("edited")
    ann.context.set_offline(True)
    expect(ann.page.locator(".teahouse-status")).to_contain_text("You are offline.", timeout=15_000)
    ann.field.press("Enter")
    expect(ann.page.get_by_text("There is no connection now.")).to_be_visible()
    expect(ann.field).to_have_value("edited")
    ann.context.set_offline(False)
    ann.wait_for_state("online")
    ann.field.press("Enter")
    ann.sees("edited")


def test_a_text_that_is_too_long_is_not_sent_and_says_by_how_much(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("too long")
    ann.say("茶" * 4003)
    expect(ann.page.get_by_text("3 characters too many")).to_be_visible()
    expect(ann.messages).to_have_count(0)
    # Outside of the basic plane a character is two for JavaScript, and one for the limit.
    ann.say("🍵" * 4000)
    ann.sees("🍵" * 4000)


def test_everything_can_be_done_by_keyboard_alone(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("keyboard")
    keyboard = ann.page.keyboard
    ann.page.mouse.move(0, 0)
    ann.field.focus()
    for text in ("one", "two"):
        keyboard.type(text)
        keyboard.press("Enter")
    ann.sees("one", "two")
    keyboard.press("Shift+Tab")
    expect(ann.message("two")).to_be_focused()
    keyboard.press("ArrowUp")
    expect(ann.message("one")).to_be_focused()
    keyboard.press("Tab")
    expect(ann.message("one").get_by_role("link")).to_be_focused()
    keyboard.press("Tab")
    expect(ann.page.get_by_role("button", name="Edit")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(ann.page.get_by_role("button", name="Cancel")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    ann.sees("This message was deleted.", "two")
    keyboard.press("Escape")
    expect(ann.field).to_be_focused()


def test_a_phone_has_room_for_all_of_it(visit: Visit) -> None:
    ann = visit("Ann", viewport=PHONE, has_touch=True, is_mobile=True)
    ann.enter("phone")
    ann.say("W" * 300)
    ann.page.locator(".teahouse-text").tap()
    expect(ann.page.get_by_role("button", name="Edit")).to_be_in_viewport()
    wide = ann.page.evaluate("document.documentElement.scrollWidth")
    assert wide == PHONE["width"]
    expect(ann.field).to_be_in_viewport()
    expect(ann.page.get_by_role("button", name="Send")).to_be_in_viewport()
