"""What can go wrong in the playground, in one line with the remedy, in each language of the page."""

from __future__ import annotations

from typing import Any

from ..errors import InputError

COMPLAINTS: dict[str, dict[str, str]] = {
    "too_large": {
        "en": "The network has {got} weights, the page shows at most {most}; take fewer layers, units or features.",
        "zh": "网络有 {got} 个权重，页面最多显示 {most} 个；请减少层数、单元数或特征数。",
    },
    "which_sample": {
        "en": "The numbers are of one sample: choose a sample of the data, one of the batch, or a place in the plane.",
        "zh": "数值属于单个样本：请选择数据中的一个样本、批中的一个样本，或平面上的一个位置。",
    },
    "no_sample": {
        "en": "There is no sample {got}; choose one from 0 to {most}.",
        "zh": "没有样本 {got}；请选择 0 到 {most} 之间的样本。",
    },
    "no_sample_in_batch": {
        "en": "There is no sample {got} in the batch; choose one from 0 to {most}.",
        "zh": "批中没有样本 {got}；请选择 0 到 {most} 之间的样本。",
    },
    "outside": {
        "en": "The place ({x:g}, {y:g}) is outside of the plane; choose one within ±{extent:g}.",
        "zh": "位置 ({x:g}, {y:g}) 在平面之外；请选择 ±{extent:g} 以内的位置。",
    },
    "no_such_target": {
        "en": "The target is {got}, but the classes of the samples are {known}; choose one of them.",
        "zh": "目标是 {got}，但样本的类别是 {known}；请选择其中之一。",
    },
    "not_a_number": {
        "en": "The target is {got}; give a finite number.",
        "zh": "目标是 {got}；请给出一个有限的数。",
    },
    "no_weight": {
        "en": "There is no weight {got}; choose one from 0 to {most}.",
        "zh": "没有权重 {got}；请选择 0 到 {most} 之间的权重。",
    },
    "no_chain": {
        "en": "A {got} has no chain of three factors; choose a weight or a bias.",
        "zh": "{got} 没有由三个因子组成的链；请选择一个权重或偏置。",
    },
    "not_finite": {
        "en": "The numbers have grown beyond all bounds; go back along the time line, or reset with a smaller rate.",
        "zh": "数值已超出范围；请沿时间线返回，或减小学习率后重置。",
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
