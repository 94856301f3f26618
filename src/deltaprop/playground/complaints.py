"""What can go wrong in the playground, in one line with the remedy, in each language of the page."""

from __future__ import annotations

from typing import Any

from ..errors import InputError

COMPLAINTS: dict[str, dict[str, str]] = {
    "too_large": {
        "en": "The network has {got} weights, the page shows at most {most}; take fewer layers, units or features.",
        "zh": "网络有 {got} 个权重，页面最多显示 {most} 个；请减少层数、单元数或特征数。",
    },
}


class Complaint(InputError):
    """An `InputError` with a text in each language.

    >>> Complaint("too_large", got=9000, most=4000).text("en")
    'The network has 9000 weights, the page shows at most 4000; take fewer layers, units or features.'
    """

    def __init__(self, key: str, **values: Any):
        self.key, self.values = key, values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The line in that language, ``"en"`` or ``"zh"``."""
        return COMPLAINTS[self.key][language].format(**self.values)
