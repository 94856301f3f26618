/** Words of the page's frame: regions, connection, dialogs. */
export default {
  en: {
    settings: "Training settings",
    workspace: "Playground",
    data: "Data and features",
    network: "Network",
    result: "Output and curves",
    timeline: "Time line",
    drawer: "Tools",
    skip: "Skip to the network",
  },
  zh: {
    settings: "训练设置",
    workspace: "演练场",
    data: "数据与特征",
    network: "网络",
    result: "输出与曲线",
    timeline: "时间线",
    drawer: "工具",
    skip: "跳到网络",
  },
};
