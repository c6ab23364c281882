// What surrounds the blocks: a message, the home, a modal, a confirm dialog.

import { renderBlocks } from "./blocks.js";
import { clockTime, dayOf } from "./dates.js";
import { h, redraw } from "./dom.js";
import { mrkdwn, textObject } from "./mrkdwn.js";

export function avatar(name, className = "") {
  const initials = name.split(/[\s-]+/).map((part) => part[0]).slice(0, 2).join("").toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  const node = h("span", { class: `avatar ${className}`, "aria-hidden": "true" }, initials);
  node.style.backgroundColor = `hsl(${hue} 38% 42%)`;
  return node;
}

export const appIcon = () => h("img", { class: "avatar", src: "/page/icon.svg", alt: "" });

function authorOf(message, viewer, app) {
  if (message.is_from_app) return [appIcon(), app.name, true];
  if (message.author_id === viewer.id) return [avatar(viewer.real_name), viewer.real_name, false];
  return [avatar("Slackbot", "bot"), "Slackbot", true];
}

export function message(one, ctx, app, dismiss) {
  const { viewer } = ctx;
  const [picture, name, isApp] = authorOf(one, viewer, app);
  const body = one.blocks.length ? renderBlocks(one.blocks, ctx) : h("div", { class: "text" }, mrkdwn(one.text, viewer));
  return h("article", { class: `message ${one.is_ephemeral ? "ephemeral" : ""}`, "aria-label": name },
    one.is_ephemeral && h("p", { class: "only-you" }, h("img", { src: "/page/eye.svg", alt: "" }), viewer.words.only_you, " · ",
      h("button", { type: "button", class: "quiet", onclick: dismiss }, viewer.words.dismiss)),
    picture,
    h("div", { class: "message-body" },
      h("p", { class: "author" }, h("strong", {}, name), isApp && h("span", { class: "badge" }, viewer.words.app),
        h("time", {}, clockTime(viewer, Number(one.ts)))),
      body,
      one.is_edited && h("span", { class: "edited" }, viewer.words.edited)));
}

export const dayLine = (viewer, ts) => h("p", { class: "day" }, h("span", {}, dayOf(viewer, Number(ts))));

export class Modal {
  constructor(dialog) {
    this.dialog = dialog;
    this.drawn = "";
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.actions?.close(true); });
    dialog.addEventListener("close", () => { if (this.view) dialog.showModal(); });
  }

  // Draw the top view. A view that did not change is left alone, so that nobody loses what they type.
  draw(view, ctx, app, actions) {
    this.view = view;
    this.actions = actions;
    if (!view) { this.drawn = ""; if (this.dialog.open) this.dialog.close(); return; }
    const state = JSON.stringify([view.id, view.hash, view.errors, view.trouble, view.depth]);
    if (state === this.drawn) return;
    const isNew = !this.drawn.startsWith(`["${view.id}"`);
    this.drawn = state;
    redraw(this.dialog, [this.form(view, ctx, app)]);
    this.dialog.setAttribute("aria-label", view.title);
    if (!this.dialog.open) this.dialog.showModal();
    if (isNew) (this.dialog.querySelector(".modal-body input, .modal-body select, .modal-body textarea") ?? this.dialog).focus();
    else this.dialog.querySelector(".has-error")?.scrollIntoView({ block: "nearest" });
  }

  form(view, ctx, app) {
    const words = ctx.viewer.words;
    const submit = view.submit && h("button", { type: "submit", class: "button primary", "data-key": "submit" }, view.submit);
    const onsubmit = async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      submit.disabled = true;
      submit.setAttribute("aria-busy", "true");
      await this.actions.submit(view);
      submit.disabled = false;
      submit.removeAttribute("aria-busy");
    };
    return h("form", { class: "modal", novalidate: true, onsubmit },
      h("header", {}, appIcon(), h("h2", {}, view.title),
        h("button", { type: "button", class: "cross", "aria-label": words.close, onclick: () => this.actions.close(true) }, "✕")),
      view.trouble && h("p", { class: "trouble", role: "alert" }, view.trouble),
      h("div", { class: "modal-body", "data-scroll": true }, renderBlocks(view.blocks, ctx)),
      h("footer", {}, h("span", { class: "credit" }, app.name),
        h("button", { type: "button", class: "button", onclick: () => this.actions.close(false) },
          view.close || (view.submit ? words.cancel : words.close)),
        submit));
  }
}

// Ask as the app worded it; resolves to whether the person agreed.
export function askConfirm(dialog, confirm, viewer) {
  return new Promise((resolve) => {
    const finish = (answer) => () => { dialog.onclose = null; dialog.close(); resolve(answer); };
    const style = confirm.style === "danger" ? "danger" : "primary";
    dialog.replaceChildren(h("div", { class: "modal small" },
      h("header", {}, h("h2", {}, textObject(confirm.title, viewer))),
      h("div", { class: "modal-body" }, h("div", { class: "text" }, textObject(confirm.text, viewer))),
      h("footer", {},
        h("button", { type: "button", class: "button", onclick: finish(false) }, textObject(confirm.deny, viewer)),
        h("button", { type: "button", class: `button ${style}`, onclick: finish(true) }, textObject(confirm.confirm, viewer)))));
    dialog.setAttribute("aria-label", confirm.title.text);
    dialog.onclose = () => resolve(false);
    dialog.showModal();
  });
}
