"""What pydantic finds wrong with a message or settings, in one line, in each language of the page."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import InputError, short
from .complaints import Complaint

LINE = {
    "en": "{where} is {got}, expected {expected}; correct it.",
    "zh": "{where} 为 {got}，应为：{expected}；请更正。",
}

#: What was expected, by the type of pydantic's error; its context fills the braces.
EXPECTED = {
    "json_invalid": {"en": "JSON ({error})", "zh": "JSON（{error}）"},
    "union_tag_invalid": {"en": "one of {expected_tags}", "zh": "以下之一：{expected_tags}"},
    "union_tag_not_found": {"en": "an object with a kind", "zh": "带有 kind 的对象"},
    "missing": {"en": "a value", "zh": "一个值"},
    "extra_forbidden": {"en": "only fields that exist", "zh": "已有的字段"},
    "literal_error": {"en": "one of {expected}", "zh": "以下之一：{expected}"},
    "greater_than": {"en": "a number greater than {gt:g}", "zh": "大于 {gt:g} 的数"},
    "greater_than_equal": {"en": "a number of at least {ge:g}", "zh": "不小于 {ge:g} 的数"},
    "less_than": {"en": "a number less than {lt:g}", "zh": "小于 {lt:g} 的数"},
    "less_than_equal": {"en": "a number of at most {le:g}", "zh": "不大于 {le:g} 的数"},
    "finite_number": {"en": "a finite number", "zh": "有限的数"},
    "too_short": {"en": "at least {min_length} entries", "zh": "至少 {min_length} 项"},
    "too_long": {"en": "at most {max_length} entries", "zh": "至多 {max_length} 项"},
    "string_too_short": {"en": "at least {min_length} characters", "zh": "至少 {min_length} 个字符"},
    "string_too_long": {"en": "at most {max_length} characters", "zh": "至多 {max_length} 个字符"},
    "int_type": {"en": "an integer", "zh": "整数"},
    "int_parsing": {"en": "an integer", "zh": "整数"},
    "int_from_float": {"en": "an integer", "zh": "整数"},
    "float_type": {"en": "a number", "zh": "数"},
    "float_parsing": {"en": "a number", "zh": "数"},
    "bool_type": {"en": "true or false", "zh": "true 或 false"},
    "bool_parsing": {"en": "true or false", "zh": "true 或 false"},
    "string_type": {"en": "text", "zh": "文本"},
    "string_unicode": {"en": "text in UTF-8", "zh": "UTF-8 文本"},
    "dict_type": {"en": "an object", "zh": "对象"},
    "tuple_type": {"en": "a list", "zh": "列表"},
    "list_type": {"en": "a list", "zh": "列表"},
}


class Invalid(Complaint):
    """The first thing that pydantic has found wrong.

    Parameters
    ----------
    error
        What pydantic has raised.
    what
        Names the whole, for what is wrong with no part of it.
    skip
        How many of the first steps to the place are not shown: 1 for a message, whose kind is no part of it.

    Examples
    --------
    >>> from .settings import Settings
    >>> try:
    ...     Settings.model_validate({"layers": [{"units": 99}]})
    ... except ValidationError as error:
    ...     print(Invalid(error, "settings"))
    layers.0.units is 99, expected a number of at most 16; correct it.
    """

    def __init__(self, error: ValidationError, what: str, skip: int = 0):
        self.key = "invalid"
        self.error: ErrorDetails = error.errors(include_url=False)[0]
        self.place = self.error["loc"]
        self.where = ".".join(_name(step) for step in self.place[skip:]) or what
        InputError.__init__(self, self.text("en"))

    def text(self, language: str) -> str:
        """The line in that language, ``"en"`` or ``"zh"``."""
        kind, context = self.error["type"], self.error.get("ctx", {})
        if kind == "value_error":  # raised by a validator of the settings
            cause = context["error"]
            return (
                cause.text(language)
                if isinstance(cause, Complaint)
                else str(InputError(f"{self.where}: {cause}."))
            )
        got = {"en": "missing", "zh": "空"}[language] if kind == "missing" else short(self.error["input"])
        if kind in EXPECTED:
            expected = EXPECTED[kind][language].format(**context)
        else:
            expected = self.error["msg"].removeprefix("Input should be ")
        return str(InputError(LINE[language].format(where=self.where, got=got, expected=expected)))


def _name(step: str | int) -> str:
    """A step to a place; one that is no name of ours in quotes and shortened."""
    text = str(step)
    return text if len(text) < 60 and (text.isidentifier() or text.isdecimal()) else short(text)
