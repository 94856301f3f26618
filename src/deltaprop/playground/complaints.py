"""What can go wrong in the playground, in one line with the remedy, in each language of the page."""

from __future__ import annotations

from typing import Any

from ..errors import InputError

COMPLAINTS: dict[str, dict[str, str]] = {
    "too_large": {
        "en": "The network has {got} weights, the page shows at most {most}; take fewer layers, units or features.",
        "zh": "网络有 {got} 个权重，页面最多显示 {most} 个；请减少层数、单元数或特征数。",
    },
    "lesson_unknown": {
        "en": "The lesson is {got}, expected one of {names}; choose one of these names.",
        "zh": "没有名为 {got} 的课程；请从以下名称中选择：{names}。",
    },
    "lesson_choice": {
        "en": "The answer is {got}, expected the number of a choice, 1 to {most}; choose one.",
        "zh": "答案是 {got}，应为选项的编号（1 到 {most}）；请选择一项。",
    },
    "lesson_number": {
        "en": "The answer is {got}, expected a number such as 0.25; write one.",
        "zh": "答案是 {got}，应为一个数，例如 0.25；请填写一个数。",
    },
    "lesson_over": {
        "en": "The network no longer has what the question asks for; start the lesson over.",
        "zh": "当前的网络已经没有题目所问的量；请重新开始这一课。",
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
    "loss_for_classes": {
        "en": "The loss {loss} is for classes, but the targets are values; choose squared_error, or auto.",
        "zh": "损失函数 {loss} 用于分类，而目标是数值；请选择 squared_error 或 auto。",
    },
    "loss_for_values": {
        "en": "The loss {loss} is for values, but the targets are classes; choose a cross-entropy, or auto.",
        "zh": "损失函数 {loss} 用于数值目标，而目标是类别；请选择交叉熵或 auto。",
    },
    "diverged": {
        "en": "Training has diverged: after step {step} the loss, weights or optimizer are no longer finite; "
        "take a smaller rate, or begin again.",
        "zh": "训练发散：第 {step} 步之后，损失、权重或优化器状态不再有限。请减小学习率，或重新开始。",
    },
    "state_does_not_fit": {
        "en": "The weights of the saved state do not fit its settings; save it again, or open another.",
        "zh": "所保存状态的权重与其设置不符；请重新保存，或打开另一个状态。",
    },
    "state_unreadable": {
        "en": "This is no saved state, or a part of it is missing; copy the whole link, or open the JSON file.",
        "zh": "这不是保存的状态，或内容不完整；请复制完整的链接，或打开 JSON 文件。",
    },
    "state_version": {
        "en": "The state is of version {got}, this playground reads version {expected}; open it with the deltaprop "
        "that saved it.",
        "zh": "该状态的版本是 {got}，本页面只能读取版本 {expected}；请用保存它的 deltaprop 打开。",
    },
    "state_damaged": {
        "en": "The numbers of the saved state are damaged or have the wrong size; save it again, or open another.",
        "zh": "所保存状态中的数值已损坏或大小不符；请重新保存，或打开另一个状态。",
    },
    "state_long": {
        "en": "The state has {got} characters, at most {most} can be opened; take a smaller table.",
        "zh": "该状态有 {got} 个字符，最多可打开 {most} 个；请使用较小的表格。",
    },
    "link_long": {
        "en": "The link would have {got} characters, too many to be sent ({most} at most); download the JSON instead.",
        "zh": "链接将有 {got} 个字符，太长（最多 {most} 个）；请改为下载 JSON。",
    },
    "no_state_file": {
        "en": "{got} is no file, link or saved state; give one of them.",
        "zh": "{got} 不是文件、链接或保存的状态；请给出其中之一。",
    },
    "few_samples": {
        "en": "There are too few samples for two parts; take more samples, or no test part.",
        "zh": "样本太少，无法分成训练集和测试集；请增加样本数，或把测试集比例设为 0。",
    },
    "no_training": {
        "en": "No point is left to train on; add one, or restore the points.",
        "zh": "没有可用于训练的点；请添加点，或恢复原来的点。",
    },
    "no_class": {
        "en": "A point has a target that is no class, expected 0 to {last}; choose a class.",
        "zh": "有的点的目标值不是类别，应为 0 到 {last}；请选择一个类别。",
    },
    "formula_syntax": {
        "en": "The formula {formula} cannot be read; write it such as x**2 + sin(y), and check brackets and operators.",
        "zh": "无法读取公式 {formula}；请写成 x**2 + sin(y) 这样的形式，并检查括号和运算符。",
    },
    "formula_name": {
        "en": "The formula {formula} has the unknown name {part}; it knows x, y and pi (a product is x*y).",
        "zh": "公式 {formula} 中有未知名称 {part}；只能用 x、y 和 pi（乘积写作 x*y）。",
    },
    "formula_function": {
        "en": "The formula {formula} has the unknown function {part}; use one of {functions}.",
        "zh": "公式 {formula} 中有未知函数 {part}；可用的函数：{functions}。",
    },
    "formula_arguments": {
        "en": "In the formula {formula}, {part} has the wrong arguments; give the function as many as it takes.",
        "zh": "公式 {formula} 中 {part} 的参数不对；请给出该函数所需数量的参数。",
    },
    "formula_part": {
        "en": "In the formula {formula}, {part} is not allowed; use numbers, x, y, + - * / ** and functions.",
        "zh": "公式 {formula} 中不允许使用 {part}；只能用数字、x、y、+ - * / ** 和函数。",
    },
    "formula_length": {
        "en": "The formula is too long or nested too deeply; shorten it.",
        "zh": "公式太长或嵌套太深；请缩短。",
    },
    "formula_infinite": {
        "en": "The formula {formula} has no finite value at x = {x:g}, y = {y:g}; it needs one on all of the plane.",
        "zh": "公式 {formula} 在 x = {x:g}、y = {y:g} 处没有有限值；它在整个平面上都应有有限值。",
    },
    "formula_constant": {
        "en": "The formula {formula} has the same value everywhere, which the bias already offers; use x or y in it.",
        "zh": "公式 {formula} 处处取同一个值，偏置已有此作用；请在其中使用 x 或 y。",
    },
    "formula_twice": {
        "en": "The feature {formula} is there already; remove one of the two.",
        "zh": "特征 {formula} 已经存在；请去掉其中一个。",
    },
    "table_missing": {
        "en": "There is no table yet; drop a CSV file on the page, or choose another data set.",
        "zh": "还没有表格；请把 CSV 文件拖到页面上，或选择其他数据集。",
    },
    "table_points": {
        "en": "Points of a table cannot be edited; change the file and load it again, or choose another data set.",
        "zh": "表格中的点不能编辑；请修改文件后重新载入，或选择其他数据集。",
    },
    "table_large": {
        "en": "{name} has more than {most} million characters; take fewer rows or columns.",
        "zh": "{name} 超过 {most} 百万个字符；请减少行或列。",
    },
    "table_empty": {
        "en": "{name} is empty; give a CSV file with a header and rows.",
        "zh": "{name} 是空的；请给出带表头和数据行的 CSV 文件。",
    },
    "table_binary": {
        "en": "{name} is no text; save the table as CSV (UTF-8) and load that.",
        "zh": "{name} 不是文本；请把表格另存为 CSV（UTF-8）后载入。",
    },
    "table_wide": {
        "en": "{name} has more than {most} columns; remove those that are not needed.",
        "zh": "{name} 超过 {most} 列；请删去不需要的列。",
    },
    "table_long": {
        "en": "{name} has more than {most} rows; take a part of them.",
        "zh": "{name} 超过 {most} 行；请只取一部分。",
    },
    "table_names": {
        "en": "{name} has a column whose name has more than {most} characters; give it a shorter one.",
        "zh": "{name} 中有列名超过 {most} 个字符；请改短。",
    },
    "table_few_columns": {
        "en": "{name} has too few columns of numbers as inputs: {got}, expected 2; check separator and decimal point.",
        "zh": "{name} 中可作输入的数值列太少：{got} 个，至少需要 2 个；请检查分隔符和小数点。",
    },
    "table_no_target": {
        "en": "{name} has no column to learn from two others; add one of numbers, or of 2 to 10 classes.",
        "zh": "{name} 中没有可由另外两列学习的目标列；请添加一列数值，或一列 2 到 10 个类别。",
    },
    "table_target": {
        "en": "The column {column} cannot be the target; choose one of {known}.",
        "zh": "列 {column} 不能作目标列；请从 {known} 中选择。",
    },
    "table_values": {
        "en": "The target {column} is text, a regression needs numbers; choose classification, or another target.",
        "zh": "目标列 {column} 是文本，回归需要数值；请改为分类，或选择其他目标列。",
    },
    "table_many_classes": {
        "en": "The target {column} has {got} classes, expected at most {most}; choose another, or regression.",
        "zh": "目标列 {column} 有 {got} 个类别，页面最多显示 {most} 个；请选择其他目标列，或改为回归。",
    },
    "table_many_inputs": {
        "en": "{got} columns are named, expected at most {most} different ones; choose fewer.",
        "zh": "选了 {got} 列，最多可选 {most} 个不同的列；请少选一些。",
    },
    "table_input": {
        "en": "The column {column} of {name} cannot be an input; choose columns of numbers other than the target.",
        "zh": "{name} 的列 {column} 不能作输入；请选择目标列以外的数值列。",
    },
    "table_axis": {
        "en": "The column {column} is no input, so the plane cannot show it; choose among {known}.",
        "zh": "列 {column} 不是输入，平面无法显示；请从 {known} 中选择。",
    },
    "table_two_axes": {
        "en": "The plane needs two different columns; choose two, or the principal components.",
        "zh": "平面需要两个不同的列；请选择两列，或选择主成分。",
    },
    "table_flat": {
        "en": "The columns depend on each other, so there is one principal component only; choose other columns.",
        "zh": "各列线性相关，只有一个主成分；请选择其他列。",
    },
    "table_unusable": {
        "en": "{what}",
        "zh": "表格无法使用：{what}",
    },
    "failed": {
        "en": "This could not be done because of an error of the program; the server's terminal says more.",
        "zh": "由于程序错误，无法完成此操作；详情见服务器终端。",
    },
    "no_memory": {
        "en": "There is not enough memory for this; take fewer samples, layers or units.",
        "zh": "内存不足；请减少样本、层或单元。",
    },
    "one_run": {
        "en": "There is one run only; fork it first.",
        "zh": "只有一次运行；请先分叉。",
    },
    "two_runs": {
        "en": "There are two runs already; keep one of them first.",
        "zh": "已有两次运行；请先保留其中之一。",
    },
    "too_many_points": {
        "en": "There are {most} samples, as many as the page shows; remove one first.",
        "zh": "已有 {most} 个样本，达到页面上限；请先删除一个。",
    },
    "no_lesson": {
        "en": "No lesson is open; choose one first.",
        "zh": "没有打开的课；请先选择一课。",
    },
    # why a connection is closed: at most 123 bytes
    "too_fast": {
        "en": "The page sent too many messages at once; reload it.",
        "zh": "页面发送消息过快；请重新加载。",
    },
    "too_many_pages": {
        "en": "{most} pages are open, as many as one server has; close one, then reload.",
        "zh": "已打开 {most} 个页面，达到上限；请关闭一个后重新加载。",
    },
    "idle": {
        "en": "The page was not used for long; reload it to go on.",
        "zh": "页面长时间未使用；重新加载即可继续。",
    },
    "taken": {
        "en": "Another page goes on with this session; reload to go on here.",
        "zh": "另一页面已接管；重新加载可在此继续。",
    },
    "no_hello": {
        "en": "The first message must be hello; reload the page.",
        "zh": "第一条消息必须是 hello；请重新加载。",
    },
    "no_text": {
        "en": "Messages to the server are text; reload the page.",
        "zh": "发给服务器的消息必须是文本；请重新加载。",
    },
}


#: Controls by complaints, or by the first word of their keys, where a change elsewhere can bring them about.
CONTROLS = {
    "formula": "features",
    "few_samples": "data.samples",
    "table_target": "data.table.target",
    "table_many_classes": "data.table.target",
    "table_values": "data.table.task",
    "table_axis": "data.table.axes",
    "table_two_axes": "data.table.axes",
    "table_flat": "data.table.axes",
}


class Complaint(InputError):
    """An `InputError` with a text in each language.

    >>> Complaint("too_large", got=9000, most=4000).text("en")
    'The network has 9000 weights, the page shows at most 4000; take fewer layers, units or features.'
    """

    def __init__(self, key: str, **values: Any):
        self.key, self.values = key, values
        super().__init__(self.text("en"))

    @property
    def control(self) -> str | None:
        """The control that it is about, None: the one that was used."""
        return CONTROLS.get(self.key) or CONTROLS.get(self.key.partition("_")[0])

    def text(self, language: str) -> str:
        """The line in that language, ``"en"`` or ``"zh"``."""
        return str(InputError(COMPLAINTS[self.key][language].format(**self.values)))
