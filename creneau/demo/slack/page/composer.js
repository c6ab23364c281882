// Where a person types a command: a list of commands on "/", and the shortcuts menu.

import { h, popup } from "./dom.js";

export class Composer {
  constructor(root) { this.root = root; this.drawnFor = ""; }

  draw(directory, viewer, actions) {
    this.actions = actions;
    const state = JSON.stringify([viewer.id, viewer.locale, directory.commands, directory.shortcuts]);
    if (state === this.drawnFor) return;
    this.drawnFor = state;
    this.directory = directory;
    this.words = viewer.words;
    this.active = 0;
    this.build();
  }

  build() {
    const { words, directory } = this;
    this.input = h("input", {
      type: "text", placeholder: words.composer, "aria-label": words.composer, autocomplete: "off", role: "combobox",
      "aria-expanded": "false", "aria-controls": "commands", "aria-autocomplete": "list",
    });
    this.list = h("div", { class: "popup commands", id: "commands", role: "listbox", hidden: true });
    this.hint = h("p", { class: "hint", role: "status" });
    const bolt = h("button", {
      type: "button", class: "button bolt", "aria-label": words.shortcuts, title: words.shortcuts, "aria-haspopup": "menu",
      "aria-expanded": "false",
    }, "⚡");
    bolt.addEventListener("click", () => popup(bolt, (close) => this.shortcuts(close)));
    this.sendButton = h("button", { type: "submit", class: "button primary send", "aria-label": words.send }, "➤");
    this.input.addEventListener("input", () => { this.active = 0; this.suggest(); });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => { this.hide(); });
    this.input.addEventListener("focus", () => this.suggest());
    this.root.replaceChildren(
      h("form", { onsubmit: (event) => { event.preventDefault(); this.send(); } },
        h("div", { class: "anchor" }, bolt), h("div", { class: "anchor grow" }, this.list, this.input), this.sendButton),
      this.hint);
    this.example = directory.commands[0]?.command ?? "/help";
  }

  shortcuts(close) {
    const choose = (one) => { close(); this.actions.shortcut(one.callback_id); };
    const items = this.directory.shortcuts.map((one) =>
      h("button", { type: "button", role: "menuitem", onclick: () => choose(one) }, one.name, h("small", {}, one.description)));
    return h("div", { class: "popup up", role: "menu" }, items.length ? items : h("p", { class: "note" }, this.words.no_shortcuts));
  }

  matches() {
    const text = this.input.value;
    if (!text.startsWith("/") || text.includes(" ")) return [];
    return this.directory.commands.filter((one) => one.command.startsWith(text));
  }

  suggest() {
    const found = this.matches();
    this.hint.textContent = "";
    this.list.replaceChildren(...found.map((one, index) => h("button", {
      type: "button", role: "option", tabindex: "-1", "aria-selected": String(index === this.active),
      onpointerdown: (event) => event.preventDefault(), onclick: () => this.take(one),
    }, h("strong", {}, one.command), one.usage_hint && h("span", { class: "usage" }, ` ${one.usage_hint}`), h("small", {}, one.description))));
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(Boolean(found.length)));
  }

  hide() { this.list.hidden = true; this.input.setAttribute("aria-expanded", "false"); }

  take(one) { this.input.value = `${one.command} `; this.hide(); this.input.focus(); }

  key(event) {
    const found = this.matches();
    if (event.key === "Escape") this.hide();
    if (!found.length || this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); this.active = (this.active + step + found.length) % found.length; this.suggest(); }
    const isWhole = found.some((one) => one.command === this.input.value);
    if (event.key === "Tab" || (event.key === "Enter" && !isWhole)) { event.preventDefault(); this.take(found[this.active]); }
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    if (!text.startsWith("/") && !this.directory.can_write) {
      this.hint.textContent = this.words.read_only.replace("{command}", this.example);
      return;
    }
    this.input.value = "";
    this.hide();
    this.sendButton.setAttribute("aria-busy", "true");
    this.hint.textContent = this.words.loading;
    try { await this.actions.command(text); } finally {
      this.sendButton.removeAttribute("aria-busy");
      this.hint.textContent = "";
    }
  }
}
