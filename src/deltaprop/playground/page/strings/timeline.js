/** Words of the time line. */
export default {
  en: {
    title: "Time line",
    step: "Step of the run",
    value: "Step {step} of {newest}",
    past: "step {step} of {newest}; training goes on from here",
    present: "step {step}",
    first: "To the first step",
    newest: "To the newest step",
    help: "Arrow keys move by one step, Page Up and Page Down by many; with Control, arrow keys go to the changes of the run.",
    change: "Step {step}: {text}",
    changeRun: "Run {run}, step {step}: {text}",
  },
  zh: {
    title: "时间线",
    step: "运行的步",
    value: "第 {step} 步，共 {newest} 步",
    past: "第 {step} 步，共 {newest} 步；训练将从这里继续",
    present: "第 {step} 步",
    first: "回到第一步",
    newest: "到最新一步",
    help: "方向键移动一步，Page Up 和 Page Down 移动多步；按住 Control 时，方向键跳到运行中的更改处。",
    change: "第 {step} 步：{text}",
    changeRun: "运行 {run}，第 {step} 步：{text}",
  },
};
