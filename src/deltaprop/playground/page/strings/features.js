/** Words of the features panel. */
export default {
  en: {
    title: "Features",
    columns: "Input columns",
    own: "Formulas by hand",
    formula: "A formula of x and y",
    formula_title: "A formula of x and y: + - * / **, sin cos exp log sqrt abs tanh arctan2 maximum minimum where, pi",
    add: "Add",
    remove: "Remove {formula}",
    twice: "The feature {formula} is there already; write another one.",
    many: "There are {most} features, as many as fit; remove one first.",
  },
  zh: {
    title: "特征",
    columns: "输入列",
    own: "自定义公式",
    formula: "x 和 y 的公式",
    formula_title: "x 和 y 的公式：+ - * / **，sin cos exp log sqrt abs tanh arctan2 maximum minimum where，pi",
    add: "添加",
    remove: "移除 {formula}",
    twice: "特征 {formula} 已经存在；请写一个别的公式。",
    many: "已有 {most} 个特征，达到上限；请先移除一个。",
  },
};
