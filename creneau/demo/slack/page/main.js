// The page: keeps one person's screen in step with the stand-in.

import { renderBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { dayOf } from "./dates.js";
import { h, redraw } from "./dom.js";
import { ask, follow, look, perform } from "./server.js";
import { sidebar } from "./sidebar.js";
import { appIcon, askConfirm, dayLine, message, Modal } from "./surfaces.js";

const at = (id) => document.getElementById(id);
const modal = new Modal(at("modal"));
const composer = new Composer(at("composer"));
const drafts = new Map();
let seen = {};
const PANEL_MILLISECONDS = 10000;
const page = { directory: null, screen: null, team: "", user: "", tab: "messages", isLost: false };

function viewerOf(screen) {
  const people = page.directory.workspaces.find((one) => one.team_id === screen.team_id).people;
  const nameOf = (id) => people.find((one) => one.id === id)?.real_name ?? id;
  return { ...screen.person, team_id: screen.team_id, words: screen.words, people, nameOf };
}

// Send a gesture of the person in front of the page and show what came of it.
async function act(gesture, body = {}) {
  const { team, user } = page;
  try {
    const { screen, result } = await perform(gesture, { team, user, ...body });
    show(screen);
    return result;
  } catch (trouble) {
    await refresh();
    return undefined;
  }
}

function contextFor(surface, values, errors = {}) {
  const element = (block, one) => ({ surface, block_id: block.block_id, action_id: one.action_id });
  const viewer = viewerOf(page.screen);
  return {
    viewer, values, errors, drafts: draftsOf(surface),
    press: (block, one) => act("press", { ...element(block, one), value: one.value }),
    enter: (block, one, value) => act("enter", { ...element(block, one), value }),
    keep: (block, one, value) => act("keep", { ...element(block, one), value }),
    suggest: async (block, one, query) => {
      const { result } = await ask("suggest", { team: page.team, user: page.user, ...element(block, one), query });
      return result;
    },
    confirm: (words) => askConfirm(at("confirm"), words, viewer),
  };
}

function draftsOf(surface) {
  if (!drafts.has(surface)) drafts.set(surface, new Map());
  return drafts.get(surface);
}

function drawHome(viewer) {
  const { home } = page.screen;
  const state = `home ${JSON.stringify([viewer.id, home?.id, home?.hash])}`;
  if (!changed(at("content"), state)) return;
  const blocks = home
    ? renderBlocks(home.blocks, contextFor(home.id, home.values))
    : [h("p", { class: "empty" }, viewer.words.empty_home)];
  redraw(at("content"), [h("div", { class: "home" }, blocks)]);
  at("content").dataset.end = "";
}

function drawMessages(viewer) {
  const { messages } = page.screen;
  const content = at("content");
  if (!changed(content, `messages ${JSON.stringify([viewer.id, messages.map(({ values, ...shown }) => shown)])}`)) return;
  const nodes = [];
  let day = "";
  for (const one of messages) {
    if (dayOf(viewer, Number(one.ts)) !== day) { day = dayOf(viewer, Number(one.ts)); nodes.push(dayLine(viewer, one.ts)); }
    const dismiss = () => act("dismiss", { ts: one.ts });
    nodes.push(message(one, contextFor(one.ts, one.values), page.directory.app, dismiss));
  }
  const start = viewer.words.empty_messages.replace("{app}", page.directory.app.name);
  const { scrollTop } = content;
  const isAtEnd = content.scrollHeight - content.clientHeight - scrollTop < 8;
  redraw(content, [h("div", { class: "conversation", role: "log" }, h("p", { class: "empty" }, appIcon(), h("span", {}, start)), nodes)]);
  // Who has scrolled up stays there when a message only changes; a new message is shown.
  const end = `${viewer.team_id}/${viewer.id}/${messages.at(-1)?.ts}`;
  content.scrollTop = content.dataset.end === end && !isAtEnd ? scrollTop : content.scrollHeight;
  content.dataset.end = end;
}

function changed(node, state) {
  if (node.dataset.state === state) return false;
  node.dataset.state = state;
  return true;
}

function drawTabs(viewer) {
  // Drawn again only for a reason: a button that is replaced between press and release is not clicked.
  if (!changed(at("tabs"), JSON.stringify([viewer.id, page.team, page.tab, newsOf(page.team, page.user) > 0]))) return;
  const tab = (name) => h("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(page.tab === name), "aria-controls": "content",
    "data-key": `tab-${name}`, onclick: () => go(page.team, page.user, name),
  }, viewer.words[name], name === "messages" && page.tab !== name && newsOf(page.team, page.user) > 0 && h("span", { class: "dot" }));
  redraw(at("tabs"), [tab("home"), tab("messages")]);
  at("content").setAttribute("aria-labelledby", `tab-${page.tab}`);
}

function drawSidebar(viewer) {
  const { panels, received } = page.screen;
  if (!changed(at("sidebar"), JSON.stringify([viewer.id, viewer.team_id, received, seen, panels]))) return;
  redraw(at("sidebar"), sidebar(
    page.directory, viewer, newsOf, (team, user) => go(team, user, page.tab),
    panels, (panel, button) => act(`panels/${panel.id}/${button.id}`),
  ));
}

function drawNotices(viewer) {
  const { notices } = page.screen;
  if (!changed(at("notices"), JSON.stringify([viewer.id, notices]))) return;
  const close = h("button", { type: "button", class: "quiet", onclick: () => act("dismiss") }, viewer.words.dismiss);
  at("notices").replaceChildren(...(notices.length ? [h("p", {}, notices.at(-1), " ", close)] : []));
}

function newsOf(team, user) {
  return (page.screen.received[team]?.[user] ?? 0) - (seen[`${team}/${user}`] ?? 0);
}

function markSeen() {
  if (page.tab !== "messages") return;
  seen[`${page.team}/${page.user}`] = page.screen.received[page.team][page.user];
  sessionStorage.setItem(page.directory.epoch, JSON.stringify(seen));
}

function show(screen) {
  if (screen.team_id !== page.team || screen.person.id !== page.user) return;
  if (page.screen && page.screen.team_id === screen.team_id && page.screen.version > screen.version) return;
  page.screen = screen;
  const viewer = viewerOf(screen);
  const { app } = page.directory;
  markSeen();
  document.documentElement.lang = viewer.locale.slice(0, 2);
  document.title = `${app.name} · ${viewer.real_name}`;
  drawSidebar(viewer);
  drawTabs(viewer);
  drawNotices(viewer);
  drawWho(viewer);
  at("composer").hidden = page.tab === "home";
  composer.draw(page.directory, viewer, {
    command: (text) => act("command", { text }),
    shortcut: (callbackId) => act("shortcut", { callback_id: callbackId }),
  });
  if (page.tab === "home") drawHome(viewer);
  else drawMessages(viewer); // last: it scrolls to the end of the room that the rest leaves
  const view = screen.modal;
  modal.draw(view, view && contextFor(view.id, view.values, view.errors), app, {
    submit: (one) => act("submit", { surface: one.id }),
    close: (isWholeStack) => act("close", { is_whole_stack: isWholeStack }),
  });
}

function drawHeader() {
  const { app } = page.directory;
  const menu = h("button", { type: "button", id: "menu", class: "button", "aria-expanded": "false", onclick: () => drawer(true) }, "☰");
  at("header").replaceChildren(menu, appIcon(),
    h("div", {}, h("strong", { class: "app-name" }, app.name), h("small", { class: "about" }, app.description), h("small", { id: "who" })));
  document.documentElement.style.setProperty("--app", app.color);
}

// On a phone the people are behind the menu: say who is in front, and whether somebody else got news.
function drawWho(viewer) {
  const hasNews = page.directory.workspaces.some((one) =>
    one.people.some((person) => person.id !== viewer.id && newsOf(one.team_id, person.id) > 0));
  at("menu").setAttribute("aria-label", viewer.words.menu);
  at("menu").replaceChildren("☰", hasNews ? h("span", { class: "dot" }) : "");
  at("who").textContent = [viewer.real_name, viewer.title].filter(Boolean).join(" · ");
}

function drawer(isOpen) {
  document.body.classList.toggle("drawer-open", isOpen);
  at("shade").hidden = !isOpen;
  document.getElementById("menu").setAttribute("aria-expanded", String(isOpen));
}

async function refresh() {
  const { team, user } = page;
  try {
    show(await look(`/ui/screen?${new URLSearchParams({ team, user })}`));
  } catch (trouble) {
    drawLost();
  }
}

function drawLost() {
  page.isLost = true;
  at("notices").dataset.state = "";
  at("notices").replaceChildren(h("p", {}, page.screen?.words.offline ?? "…"));
}

// Become someone, on a tab; opening the app tells it so, as in Slack.
async function go(team, user, tab) {
  const isSwitch = team !== page.team || user !== page.user;
  Object.assign(page, { team, user, tab });
  if (isSwitch) page.screen = null;
  history.replaceState(null, "", `/?${new URLSearchParams({ team, user, tab })}`);
  drawer(false);
  await refresh();
  await act("home", { tab });
}

async function start() {
  page.directory = await look("/ui/directory");
  seen = JSON.parse(sessionStorage.getItem(page.directory.epoch) ?? "{}");
  drawHeader();
  at("shade").addEventListener("click", () => drawer(false));
  const wanted = new URLSearchParams(location.search);
  const workspace = page.directory.workspaces.find((one) => one.team_id === wanted.get("team")) ?? page.directory.workspaces[0];
  const person = workspace.people.find((one) => one.id === wanted.get("user")) ?? workspace.people[0];
  await go(workspace.team_id, person.id, wanted.get("tab") === "home" ? "home" : "messages");
  follow(
    ({ epoch, version }) => {
      if (epoch !== page.directory.epoch) location.reload();
      else if (page.isLost || version !== page.screen?.version) refresh();
      page.isLost = false;
    },
    drawLost,
  );
  // What a panel says may change by itself, as a clock does.
  if (page.screen?.panels.length) setInterval(() => { if (!document.hidden) refresh(); }, PANEL_MILLISECONDS);
}

start();
