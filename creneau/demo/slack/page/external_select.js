// A combobox whose options the app gives while one types.

import { h, newId } from "./dom.js";
import { labelled } from "./labels.js";
import { emojis } from "./mrkdwn.js";

export function externalSelect(block, element, ctx, label) {
  const words = ctx.viewer.words;
  const chosen = ctx.values[block.block_id]?.[element.action_id]?.selected_option;
  const shortest = element.min_query_length ?? 3;
  const listId = newId("list");
  const list = h("div", { class: "popup wide", role: "listbox", id: listId, hidden: true });
  const input = h("input", {
    type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": listId,
    "aria-autocomplete": "list", ...labelled(label), "aria-invalid": label.error ? "true" : undefined,
    placeholder: element.placeholder?.text ?? words.search, value: chosen?.text.text ?? "",
    "data-key": `${block.block_id}/${element.action_id}`,
  });
  let asked = 0;
  let active = -1;

  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); active = -1; };
  const choose = (option) => { input.value = option.text.text; close(); ctx.enter(block, element, option); };
  const item = (option) => h("button", {
    type: "button", role: "option", tabindex: "-1", onpointerdown: (event) => event.preventDefault(), onclick: () => choose(option),
  }, emojis(option.text.text), option.description && h("small", {}, option.description.text));
  const show = (...nodes) => { list.replaceChildren(...nodes); list.hidden = false; input.setAttribute("aria-expanded", "true"); };
  const note = (text) => h("p", { class: "note" }, text);

  async function search() {
    const mine = ++asked;
    const query = input.value === chosen?.text.text ? "" : input.value;
    if (query.length < shortest) { show(note(words.keep_typing)); return; }
    const { options, option_groups: groups } = await ctx.suggest(block, element, query);
    if (mine !== asked || document.activeElement !== input) return;
    const grouped = groups.flatMap((group) => [note(group.label.text), ...group.options.map(item)]);
    show(...(options.length || groups.length ? [...options.map(item), ...grouped] : [note(words.nothing_found)]));
  }

  function step(by) {
    const items = [...list.querySelectorAll("[role=option]")];
    if (!items.length) return;
    active = (active + by + items.length) % items.length;
    items.forEach((one, index) => one.setAttribute("aria-selected", String(index === active)));
    items[active].scrollIntoView({ block: "nearest" });
  }

  let timer;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 150); });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", search);
  input.addEventListener("blur", () => {
    close();
    if (!input.value && chosen) ctx.enter(block, element, null);
    else if (chosen) input.value = chosen.text.text;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); if (list.hidden) search(); else step(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); step(-1); }
    if (event.key === "Enter" && active >= 0) { event.preventDefault(); list.querySelectorAll("[role=option]")[active].click(); }
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); }
  });
  return h("div", { class: "anchor grow" }, input, list);
}
