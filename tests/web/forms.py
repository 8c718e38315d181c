"""Reads the forms of a page and fills them in as a browser without JavaScript does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client


@dataclass
class Form:
    """A form's address and the fields that it sends."""

    action: str
    css_class: str
    fields: dict[str, str] = field(default_factory=dict)
    deeds: list[str] = field(default_factory=list)

    def send(self, client: Client, **typed: str) -> HttpResponse:
        return client.post(self.action, {**self.fields, **typed})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area: str | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("class", "")))
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
            if given["name"] == "do":
                self.forms[-1].deeds.append(given["value"])
        elif tag == "button" and given.get("name") == "do":
            self.forms[-1].deeds.append(given["value"])
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and (self._select not in self.forms[-1].fields or "selected" in given):
            self.forms[-1].fields[self._select] = given["value"]
        elif tag == "textarea":
            self._area = given["name"]
            self.forms[-1].fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # The first line break after the tag is not part of the text.
            self.forms[-1].fields[self._area] = self.forms[-1].fields[self._area].removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data


def forms_of(response: HttpResponse) -> list[Form]:
    """All forms of a page, in their order."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader.forms


def composer_of(response: HttpResponse) -> Form:
    """The form by which something is said."""
    (form,) = [form for form in forms_of(response) if form.css_class == "teahouse-composer"]
    return form


def form_to(response: HttpResponse, action: str) -> Form:
    """The form that is sent to an address."""
    (form,) = [form for form in forms_of(response) if form.action == action]
    return form


def do(client: Client, url: str, deed: str, **typed: str) -> HttpResponse:
    """Press the button of a page that does something: the first whose form has one of that name."""
    response = client.get(url)
    offers = [form for form in forms_of(response) if deed in form.deeds]
    assert offers, f"{url} offers no {deed}"
    return client.post(url, {**offers[0].fields, **typed, "do": deed})


def deeds_of(response: HttpResponse) -> list[str]:
    """Everything that a page offers to do about a room, without doubles."""
    return sorted({deed for form in forms_of(response) for deed in form.deeds})
