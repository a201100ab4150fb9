"use strict";
// What the page says, in each language.
const WORDS = {
  zh: {
    product: "外呼", other: "English", signIn: "登录", signOut: "退出", name: "用户名",
    password: "密码", campaigns: "外呼活动", empty: "还没有活动。", live: "实时", away: "连接中断，正在重连",
    results: "导出结果", notForAgents: "坐席请使用坐席工作台。",
    numbers: {
      names: "名单", leads_left: "待拨名单", in_flight: "振铃中", waiting: "排队", with_agents: "坐席通话",
      with_robot: "机器人通话", dialed: "已拨打", answered: "已接听", connected: "已接通",
      abandoned: "呼损", ended: "已结束",
    },
    states: {
      draft: "草稿", scheduled: "已排期", running: "进行中", paused: "已暂停", draining: "收尾中",
      finished: "已完成", archived: "已归档",
    },
    actions: { start: "启动", pause: "暂停", drain: "收尾", finish: "结束" },
    modes: {
      preview: "预览式", progressive: "渐进式", power: "倍数式", predictive: "预测式", robot: "机器人",
    },
    seats: {
      connecting: "连接中", ready: "示闲", paused: "示忙", previewing: "预览", reserved: "待接通",
      talking: "通话", "wrap-up": "后处理",
    },
  },
  en: {
    product: "Waihu", other: "中文", signIn: "Sign in", signOut: "Sign out", name: "User name",
    password: "Password", campaigns: "Campaigns", empty: "There is no campaign yet.", live: "live",
    away: "connection lost, trying again", results: "Results",
    notForAgents: "Agents work at the agent desk.",
    numbers: {
      names: "Names", leads_left: "Names due", in_flight: "Ringing", waiting: "Waiting", with_agents: "With agents",
      with_robot: "With robot", dialed: "Dialed", answered: "Answered", connected: "Connected",
      abandoned: "Abandoned", ended: "Ended",
    },
    states: {
      draft: "draft", scheduled: "scheduled", running: "running", paused: "paused",
      draining: "draining", finished: "finished", archived: "archived",
    },
    actions: { start: "Start", pause: "Pause", drain: "Drain", finish: "Finish" },
    modes: {
      preview: "preview", progressive: "progressive", power: "power", predictive: "predictive",
      robot: "robot",
    },
    seats: {
      connecting: "connecting", ready: "ready", paused: "paused", previewing: "previewing",
      reserved: "reserved", talking: "talking", "wrap-up": "wrap-up",
    },
  },
};
