// The interactive elements. Each is a native control wherever there is one.

import { dayInWords, timeInWords, toSeconds, toWall } from "./dates.js";
import { h, newId, popup } from "./dom.js";
import { labelled } from "./labels.js";
import { emojis, textObject } from "./mrkdwn.js";
import { externalSelect } from "./external_select.js";

const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;
const stateOf = (ctx, block, element) => ctx.values[block.block_id]?.[element.action_id] ?? {};

function base(block, element, label) {
  return { ...labelled(label), "data-key": keyOf(block, element), "aria-invalid": label.error ? "true" : undefined };
}

async function agreed(element, ctx) {
  return !element.confirm || ctx.confirm(element.confirm);
}

// Run a gesture with the control marked as busy until the app has answered.
async function busy(node, work) {
  node.setAttribute("aria-busy", "true");
  node.disabled = node.tagName === "BUTTON";
  try { await work(); } finally { node.removeAttribute("aria-busy"); node.disabled = false; }
}

function button(block, element, ctx) {
  const props = {
    type: "button", class: `button ${element.style ?? ""}`, "data-key": keyOf(block, element),
    "aria-label": element.accessibility_label,
  };
  const node = h("button", props, textObject(element.text, ctx.viewer), element.url ? " ↗" : "");
  node.addEventListener("click", async () => {
    if (!(await agreed(element, ctx))) return;
    if (element.url && /^https?:/.test(element.url)) window.open(element.url, "_blank", "noopener");
    await busy(node, () => ctx.press(block, element));
  });
  return node;
}

function overflow(block, element, ctx) {
  const words = ctx.viewer.words;
  const opener = h("button", {
    type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": words.more, "data-key": keyOf(block, element),
  }, "⋯");
  const choose = async (option, close) => {
    close();
    if (!(await agreed(element, ctx))) return;
    if (option.url && /^https?:/.test(option.url)) window.open(option.url, "_blank", "noopener");
    await ctx.enter(block, element, option);
  };
  const item = (close) => (option) =>
    h("button", { type: "button", role: "menuitem", onclick: () => choose(option, close) }, textObject(option.text, ctx.viewer));
  opener.addEventListener("click", () => {
    popup(opener, (close) => h("div", { class: "popup", role: "menu" }, element.options.map(item(close))));
  });
  return h("div", { class: "anchor" }, opener);
}

const optionNode = (option, chosen) =>
  h("option", { value: option.value, selected: option.value === chosen?.value }, emojis(option.text.text));

function select(block, element, ctx, label) {
  const chosen = stateOf(ctx, block, element).selected_option;
  const all = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
  const isGone = chosen && !all.some((option) => option.value === chosen.value);
  const placeholder = element.placeholder?.text ?? ctx.viewer.words.choose;
  const change = (event) => ctx.enter(block, element, all.find((option) => option.value === event.target.value) ?? null);
  return h("select", { ...base(block, element, label), onchange: change },
    h("option", { value: "", selected: !chosen }, placeholder),
    isGone && optionNode(chosen, chosen),
    (element.options ?? []).map((option) => optionNode(option, chosen)),
    (element.option_groups ?? []).map((group) =>
      h("optgroup", { label: group.label.text }, group.options.map((option) => optionNode(option, chosen)))),
  );
}

function usersSelect(block, element, ctx, label) {
  const chosen = stateOf(ctx, block, element).selected_user;
  const change = (event) => ctx.enter(block, element, event.target.value || null);
  return h("select", { ...base(block, element, label), onchange: change },
    h("option", { value: "", selected: !chosen }, element.placeholder?.text ?? ctx.viewer.words.choose),
    ctx.viewer.people.map((person) => h("option", { value: person.id, selected: person.id === chosen }, person.real_name)));
}

// Radio buttons, checkboxes, and multiple selects as a list of boxes.
function choices(kind, options) {
  return (block, element, ctx, label) => {
    const state = stateOf(ctx, block, element);
    const chosen = kind === "radio" ? [state.selected_option] : state.selected_options ?? [];
    const group = newId("group");
    const all = options(element);
    const pick = () => {
      const picked = all.filter((_, index) => inputs[index].checked);
      return ctx.enter(block, element, kind === "radio" ? picked[0] ?? null : picked);
    };
    const inputs = all.map((option, index) => h("input", {
      type: kind, name: group, id: `${group}-${index}`, checked: chosen.some((one) => one?.value === option.value),
      "data-key": `${keyOf(block, element)}/${option.value}`, onchange: pick,
    }));
    return h("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-label": label.text, "aria-describedby": label.error },
      all.map((option, index) => h("label", { class: "choice", for: `${group}-${index}` }, inputs[index],
        h("span", {}, textObject(option.text, ctx.viewer),
          option.description && h("small", {}, textObject(option.description, ctx.viewer))))));
  };
}

const flat = (element) => [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];

function picker(type, key, inWords) {
  return (block, element, ctx, label) => {
    const value = stateOf(ctx, block, element)[key] ?? "";
    const spoken = h("small", {}, inWords(ctx.viewer, value));
    const change = (event) => {
      spoken.textContent = inWords(ctx.viewer, event.target.value);
      ctx.enter(block, element, event.target.value || null);
    };
    return h("span", { class: "picker" }, h("input", { ...base(block, element, label), type, value, onchange: change }), spoken);
  };
}

function instantPicker(block, element, ctx, label) {
  const seconds = stateOf(ctx, block, element).selected_date_time;
  const change = (event) => ctx.enter(block, element, event.target.value ? toSeconds(ctx.viewer, event.target.value) : null);
  return h("input", {
    ...base(block, element, label), type: "datetime-local", value: seconds ? toWall(ctx.viewer, seconds) : "", onchange: change,
  });
}

function written(type) {
  return (block, element, ctx, label) => {
    const key = keyOf(block, element);
    const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    const hears = (trigger) => block.dispatch_action && triggers.includes(trigger);
    const node = h(element.multiline ? "textarea" : "input", {
      ...base(block, element, label), type: element.multiline ? undefined : type, rows: element.multiline ? 4 : undefined,
      placeholder: element.placeholder?.text, value: ctx.drafts.get(key) ?? stateOf(ctx, block, element).value ?? "",
      autocomplete: "off",
    });
    const send = (gesture) => {
      ctx.drafts.delete(key);
      return gesture(block, element, node.value || null);
    };
    node.addEventListener("input", () => {
      ctx.drafts.set(key, node.value);
      if (hears("on_character_entered")) send(ctx.enter);
    });
    node.addEventListener("change", () => send(ctx.keep));
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !element.multiline && hears("on_enter_pressed")) { event.preventDefault(); send(ctx.enter); }
    });
    return node;
  };
}

const KINDS = {
  button, overflow, static_select: select, users_select: usersSelect, external_select: externalSelect,
  radio_buttons: choices("radio", flat), checkboxes: choices("checkbox", flat), multi_static_select: choices("checkbox", flat),
  datepicker: picker("date", "selected_date", dayInWords), timepicker: picker("time", "selected_time", timeInWords), datetimepicker: instantPicker,
  plain_text_input: written("text"), email_text_input: written("email"), url_text_input: written("url"),
  number_input: written("text"),
};
export const isGroup = (element) => ["radio_buttons", "checkboxes", "multi_static_select"].includes(element.type);

export function renderElement(block, element, ctx, label) {
  const render = KINDS[element.type];
  return render ? render(block, element, ctx, label) : h("em", { class: "unknown" }, `[${element.type}]`);
}
