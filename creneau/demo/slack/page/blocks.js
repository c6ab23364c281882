// Blocks as DOM nodes, for messages, modals and the home alike.

import { h, newId } from "./dom.js";
import { isGroup, renderElement } from "./elements.js";
import { emojis, mrkdwn, textObject } from "./mrkdwn.js";

const image = (block) => h("img", { src: block.image_url, alt: block.alt_text, loading: "lazy" });
const plainOf = (text) => emojis(text?.text ?? "").replace(/<[^>]*>|[*_~`]/g, "").slice(0, 150);

function section(block, ctx) {
  const accessory = block.accessory;
  const label = { text: accessory?.placeholder?.text ?? plainOf(block.text) };
  return h("div", { class: "block section" },
    h("div", { class: "section-text" },
      block.text && h("div", { class: "text" }, textObject(block.text, ctx.viewer)),
      block.fields && h("div", { class: "fields" },
        block.fields.map((field) => h("div", { class: "text" }, textObject(field, ctx.viewer))))),
    accessory && h("div", { class: "accessory" },
      accessory.type === "image" ? image(accessory) : renderElement(block, accessory, ctx, label)));
}

function actions(block, ctx) {
  return h("div", { class: "block actions" }, block.elements.map((element) =>
    renderElement(block, element, ctx, { text: element.placeholder?.text ?? element.action_id })));
}

function input(block, ctx) {
  const id = newId("field");
  const error = ctx.errors?.[block.block_id];
  const label = { id, text: block.label.text, error: error && `${id}-error` };
  const words = [emojis(block.label.text), block.optional && h("span", { class: "optional" }, ` ${ctx.viewer.words.optional}`)];
  const control = renderElement(block, block.element, ctx, label);
  return h("div", { class: `block input ${error ? "has-error" : ""}` },
    isGroup(block.element) ? h("span", { class: "label" }, words) : h("label", { class: "label", for: id }, words),
    control,
    error && h("p", { class: "error", id: label.error, role: "alert" }, error),
    block.hint && h("p", { class: "hint" }, textObject(block.hint, ctx.viewer)));
}

function context(block, ctx) {
  return h("div", { class: "block context" }, block.elements.map((element) =>
    element.type === "image" ? image(element) : h("span", { class: "text" }, textObject(element, ctx.viewer))));
}

function card(block, ctx) {
  const line = (name) => block[name] && h("div", { class: `text card-${name}` }, textObject(block[name], ctx.viewer));
  return h("div", { class: "block card" },
    block.hero_image && image(block.hero_image), line("title"), line("subtitle"), line("body"),
    block.actions && h("div", { class: "actions" }, block.actions.map((element) => renderElement(block, element, ctx, { text: "" }))));
}

function richText(node) {
  if (Array.isArray(node)) return node.map(richText);
  if (node.type === "text") return node.text;
  if (node.type === "link") return h("span", {}, node.text ?? node.url);
  const tag = { rich_text_list: "ul", rich_text_quote: "blockquote", rich_text_preformatted: "pre" }[node.type] ?? "div";
  const items = node.elements ?? [];
  return h(tag, {}, tag === "ul" ? items.map((item) => h("li", {}, richText(item))) : items.map(richText));
}

const KINDS = {
  section, actions, input, context, card,
  header: (block, ctx) => h("h3", { class: "block header" }, textObject(block.text, ctx.viewer)),
  divider: () => h("hr", { class: "block" }),
  image: (block) => h("figure", { class: "block image" }, image(block), block.title && h("figcaption", {}, block.title.text)),
  alert: (block, ctx) => h("div", { class: `block alert ${block.level ?? ""}`, role: "note" }, textObject(block.text, ctx.viewer)),
  markdown: (block, ctx) => h("div", { class: "block text" }, mrkdwn(block.text, ctx.viewer)),
  carousel: (block, ctx) => h("div", { class: "block carousel" }, block.elements.map((one) => card(one, ctx))),
  container: (block, ctx) => h("div", { class: "block container" },
    block.title && h("strong", {}, block.title.text), renderBlocks(block.child_blocks, ctx)),
  rich_text: (block) => h("div", { class: "block text" }, richText(block.elements)),
};

export function renderBlocks(blocks, ctx) {
  return blocks.map((block) => KINDS[block.type]?.(block, ctx) ?? h("em", { class: "unknown" }, `[${block.type}]`));
}
