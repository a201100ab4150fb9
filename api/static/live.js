"use strict";
// The live page: sign in, watch campaigns move, start and pause them.
// Everything from the server reaches the page through textContent only.

const ACTIONS = {
  draft: ["start"], scheduled: ["start"], running: ["pause", "drain"],
  paused: ["start", "finish"], draining: ["start", "finish"], finished: ["start"], archived: [],
};
const LIVE = [
  "leads_left", "in_flight", "waiting", "with_agents", "with_robot", "dialed", "answered",
  "connected", "abandoned", "ended",
];
const CALLS = ["in_flight", "waiting", "with_agents", "with_robot"];
const RETRY_MS = [500, 1000, 2000, 5000];

const byId = (id) => document.getElementById(id);
// Campaigns that are over have no live numbers: their summary stands instead.
const OVER = ["finished", "archived"];
const TOTALS = ["names", "dialed", "answered", "connected", "abandoned"];
const campaigns = new Map(); // id -> {name, mode, numbers, summary, card}
let language = localStorage.getItem("language") === "en" ? "en" : "zh";
let socket = null;
let retries = 0;
let signedIn = false;
let isLive = false;

const words = () => WORDS[language];

// --- server -------------------------------------------------------------------------------

async function ask(method, path, body) {
  const options = { method, headers: { "X-Waihu": "1" }, credentials: "same-origin" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch("/api/v1" + path, options);
  if (answer.status === 401 && path !== "/session") showSignIn();
  const data = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(data.detail);
  return data;
}

async function connect() {
  if (!signedIn) return;
  try {
    const { ticket } = await ask("POST", "/live-ticket");
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/api/v1/live`);
    socket.onopen = () => socket.send(JSON.stringify({ ticket }));
    socket.onmessage = (event) => receive(JSON.parse(event.data));
    socket.onclose = reconnect;
  } catch {
    reconnect();
  }
}

function reconnect() {
  socket = null;
  setLive(false);
  if (!signedIn) return;
  setTimeout(connect, RETRY_MS[Math.min(retries, RETRY_MS.length - 1)]);
  retries += 1;
}

function receive(message) {
  retries = 0;
  setLive(true);
  const known = campaigns.get(message.campaign) || { name: "", mode: "", numbers: null, card: null };
  campaigns.set(message.campaign, known);
  if (message.type === "campaign") {
    if (!known.mode) loadModes();
    known.name = message.name;
    if (OVER.includes(message.state)) loadSummary(message.campaign, known);
  }
  if (message.type === "numbers") known.numbers = message;
  if (known.numbers) draw(message.campaign, known);
  byId("empty").hidden = true;
}

async function loadSummary(id, campaign) {
  campaign.summary = await ask("GET", `/campaigns/${encodeURIComponent(id)}/summary`);
  if (campaign.numbers) draw(id, campaign);
}

async function loadModes() {
  for (const campaign of await ask("GET", "/campaigns")) {
    const known = campaigns.get(campaign.id);
    if (!known || known.mode === campaign.mode) continue;
    known.mode = campaign.mode;
    if (known.numbers) draw(campaign.id, known);
  }
}

// --- page ---------------------------------------------------------------------------------

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function draw(id, campaign) {
  if (!campaign.card) {
    campaign.card = byId("campaign").content.firstElementChild.cloneNode(true);
    // Ids rise with time: the newest campaign stands first.
    const after = [...byId("campaigns").children].find((card) => card.dataset.id < id);
    campaign.card.dataset.id = id;
    byId("campaigns").insertBefore(campaign.card, after || null);
  }
  const { card, numbers } = campaign;
  const part = (name) => card.querySelector(name);
  card.dataset.state = numbers.state;
  part("h2").textContent = campaign.name;
  part(".state").textContent = words().states[numbers.state];
  part(".mode").textContent = words().modes[campaign.mode] || "";
  part(".actions").replaceChildren(...actionsOf(id, numbers));
  part(".numbers").replaceChildren(...figures(campaign));
  part(".bar").replaceChildren(...CALLS.map((key) => segment(key, numbers)));
  part(".seats").replaceChildren(...Object.keys(words().seats)
    .filter((state) => numbers.seats[state])
    .map((state) => make("span", `seat ${state}`, `${words().seats[state]} ${numbers.seats[state]}`)));
  part(".pacing").textContent = numbers.pacing;
}

function figures({ numbers, summary }) {
  if (OVER.includes(numbers.state)) return summary ? TOTALS.map((key) => figure(key, summary)) : [];
  return LIVE.map((key) => figure(key, numbers));
}

function figure(key, numbers) {
  const box = make("div", numbers[key] ? `figure ${key}` : "figure zero");
  box.append(make("dt", "", words().numbers[key]), make("dd", "", numbers[key].toLocaleString()));
  return box;
}

function segment(key, numbers) {
  const piece = make("i", key);
  piece.style.flexGrow = numbers[key];
  piece.title = `${words().numbers[key]} ${numbers[key]}`;
  return piece;
}

function actionsOf(id, numbers) {
  const buttons = ACTIONS[numbers.state].map((action) => {
    const button = make("button", action, words().actions[action]);
    button.type = "button";
    button.onclick = () => act(id, action, button);
    return button;
  });
  if (numbers.state !== "draft") {
    const results = make("a", "results", words().results);
    results.href = `/api/v1/campaigns/${encodeURIComponent(id)}/results.xlsx?language=${language}`;
    buttons.push(results);
  }
  return buttons;
}

async function act(id, action, button) {
  button.disabled = true;
  try {
    await ask("POST", `/campaigns/${encodeURIComponent(id)}/actions`, { action });
    byId("problem").textContent = "";
  } catch (error) {
    byId("problem").textContent = error.message;
  }
  button.disabled = false;
}

function setLive(now) {
  isLive = now;
  byId("link").classList.toggle("up", now);
  byId("link-word").textContent = now ? words().live : words().away;
}

function showSignIn() {
  signedIn = false;
  if (socket) socket.close();
  byId("campaigns").replaceChildren();
  campaigns.clear();
  byId("sign-in").hidden = false;
  for (const id of ["board", "link", "user", "sign-out"]) byId(id).hidden = true;
}

function showBoard(me) {
  signedIn = true;
  byId("sign-in").hidden = true;
  byId("user").textContent = me.name;
  for (const id of ["user", "sign-out"]) byId(id).hidden = false;
  if (me.role === "agent") {
    byId("board").hidden = false;
    byId("problem").textContent = words().notForAgents;
    return;
  }
  byId("problem").textContent = "";
  for (const id of ["board", "link"]) byId(id).hidden = false;
  byId("empty").hidden = campaigns.size > 0;
  connect();
}

function speak() {
  document.documentElement.lang = language;
  document.title = words().product;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = words()[element.dataset.word];
  }
  byId("language").textContent = words().other;
  setLive(isLive);
  for (const [id, campaign] of campaigns) if (campaign.numbers) draw(id, campaign);
}

byId("language").onclick = () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  speak();
};

byId("sign-out").onclick = async () => {
  await ask("DELETE", "/session").catch(() => null);
  showSignIn();
};

byId("sign-in").onsubmit = async (event) => {
  event.preventDefault();
  const form = event.target;
  const problem = form.querySelector(".problem");
  problem.textContent = "";
  try {
    const body = { name: form.elements.name.value, password: form.elements.password.value };
    const me = await ask("POST", "/session", body);
    form.reset();
    showBoard(me);
  } catch (error) {
    problem.textContent = error.message;
  }
};

speak();
ask("GET", "/me").then(showBoard, showSignIn);
