"""Every error that a client or a host is told: one tree, stable codes."""

import re
import subprocess
import sys

import pytest

from teahouse import errors
from teahouse.errors import ProtocolError, TeahouseError, all_errors


def test_each_has_a_code_of_its_own_named_as_its_class() -> None:
    codes = [error.code for error in all_errors()]
    assert len(codes) == len(set(codes))
    for error in all_errors():
        words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", error.__name__)
        assert error.code == "_".join(words).lower()


def test_none_is_forgotten() -> None:
    classes = {
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, TeahouseError) and thing not in (TeahouseError, ProtocolError)
    }
    assert classes <= set(all_errors())


def test_each_says_what_it_means_in_one_sentence() -> None:
    for error in all_errors():
        assert error.__doc__
        assert error.__doc__.endswith(".")


def test_each_has_a_fitting_http_status() -> None:
    for error in all_errors():
        assert 400 <= error.http_status < 600
        # A server's fault is what can be tried again, or a defect; of a client's only haste mends itself.
        assert (error.http_status >= 500 or error.http_status == 429) == (error.retry or error.code == "internal_error")


def test_an_error_says_its_text_and_keeps_what_belongs_to_it() -> None:
    error = errors.Conflict("it changed", field="changed", retry_after=1.5, message={"seq": 7})
    assert str(error) == error.text == "it changed"
    assert (error.field, error.retry_after, error.details) == ("changed", 1.5, {"message": {"seq": 7}})
    assert error.command_id is None


def test_one_errors_details_are_not_anothers() -> None:
    first, second = errors.Conflict("a", seq=1), errors.Conflict("b")
    first.details["more"] = 2
    assert second.details == {}


def test_what_has_no_code_is_never_told_to_anybody() -> None:
    with pytest.raises(AttributeError):
        _ = TeahouseError("x").code


def test_teahouse_can_be_imported_before_django_is_set_up() -> None:
    """A host's settings and asgi.py import it, when there are no apps yet."""
    told = "import teahouse, teahouse.errors, teahouse.settings, teahouse.apps; print(teahouse.__version__)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "0.1.0"
