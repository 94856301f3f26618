/** Words of the curves. */
export default {
  en: {
    title: "Curves",
    log: "Log loss",
    step: "step",
    loss: "Loss",
    accuracy: "Accuracy",
    r2: "R²",
    train: "training",
    test: "test",
    trainRun: "training {run}",
    testRun: "test {run}",
    plot: "{name} over steps. Left and right arrow keys read values",
  },
  zh: {
    title: "曲线",
    log: "对数损失",
    step: "步",
    loss: "损失",
    accuracy: "准确率",
    r2: "R²",
    train: "训练",
    test: "测试",
    trainRun: "训练 {run}",
    testRun: "测试 {run}",
    plot: "{name}随步数的变化。左右方向键读取数值",
  },
};
