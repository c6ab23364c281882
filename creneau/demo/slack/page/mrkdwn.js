// Slack's mrkdwn as DOM nodes.

import { h } from "./dom.js";
import { formatDate } from "./dates.js";

const EMOJI = {
  wave: "👋", calendar: "📅", spiral_calendar_pad: "🗓️", spiral_calendar: "🗓️", date: "📅", white_check_mark: "✅",
  heavy_check_mark: "✔️", x: "❌", warning: "⚠️", clock3: "🕒", clock1: "🕐", alarm_clock: "⏰", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", bell: "🔔", star: "⭐", star2: "🌟", tada: "🎉", sparkles: "✨", smile: "😄", heart: "❤️",
  bulb: "💡", memo: "📝", pencil: "✏️", lock: "🔒", link: "🔗", gear: "⚙️", question: "❓", information_source: "ℹ️",
  arrow_right: "➡️", arrows_counterclockwise: "🔄", no_entry: "⛔", round_pushpin: "📍", pushpin: "📌", phone: "☎️",
  telephone_receiver: "📞", video_camera: "📹", computer: "💻", house: "🏠", office: "🏢", speech_balloon: "💬",
  bust_in_silhouette: "👤", busts_in_silhouette: "👥", large_green_circle: "🟢", large_yellow_circle: "🟡",
  red_circle: "🔴", large_blue_circle: "🔵", white_circle: "⚪", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎",
  eyes: "👀", rocket: "🚀", books: "📚", chart_with_upwards_trend: "📈", bar_chart: "📊", point_right: "👉",
  raised_hands: "🙌", pray: "🙏", mag: "🔍", palm_tree: "🌴", zzz: "💤", seedling: "🌱", compass: "🧭", world_map: "🗺️",
};

const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
export const emojis = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

const PIECES = new RegExp(
  [
    "```([\\s\\S]+?)```",
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    "(?<![\\w*])\\*(?=\\S)([^*\\n]*?\\S)\\*(?![\\w*])",
    "(?<![\\w_])_(?=\\S)([^_\\n]*?\\S)_(?![\\w_])",
    "(?<![\\w~])~(?=\\S)([^~\\n]*?\\S)~(?![\\w~])",
  ].join("|"),
);

function link(target, label) {
  if (!/^(https?:|mailto:)/.test(target)) return unescape(label);
  return h("a", { href: unescape(target), target: "_blank", rel: "noopener noreferrer" }, emojis(unescape(label)));
}

function bracket(body, viewer) {
  const [target, label] = body.split(/\|(.*)/s);
  if (target.startsWith("!date^")) {
    const [, seconds, pattern, url] = target.split("^");
    const shown = formatDate(viewer, Number(seconds), unescape(pattern));
    const node = h("time", { title: unescape(label ?? ""), datetime: new Date(seconds * 1000).toISOString() }, shown);
    return url ? h("a", { href: unescape(url), target: "_blank", rel: "noopener noreferrer" }, node) : node;
  }
  if (target.startsWith("@")) return h("span", { class: "mention" }, `@${viewer.nameOf(target.slice(1))}`);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label ?? target.slice(1)}`);
  if (target.startsWith("!")) return h("span", { class: "mention" }, `@${label ?? target.slice(1).split("^")[0]}`);
  return link(target, label ?? target);
}

function inline(text, viewer) {
  const nodes = [];
  let rest = text;
  for (let found = PIECES.exec(rest); found; found = PIECES.exec(rest)) {
    nodes.push(emojis(unescape(rest.slice(0, found.index))));
    const [whole, block, code, angle, bold, italic, strike] = found;
    if (block !== undefined) nodes.push(h("pre", {}, unescape(block.replace(/^\n/, ""))));
    else if (code !== undefined) nodes.push(h("code", {}, unescape(code)));
    else if (angle !== undefined) nodes.push(bracket(angle, viewer));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold, viewer)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic, viewer)));
    else nodes.push(h("s", {}, inline(strike, viewer)));
    rest = rest.slice(found.index + whole.length);
  }
  nodes.push(emojis(unescape(rest)));
  return nodes;
}

export function mrkdwn(text, viewer) {
  const nodes = [];
  for (const part of text.split(/((?:^(?:>|&gt;).*(?:\n|$))+)/m)) {
    if (!part) continue;
    const isQuote = /^(>|&gt;)/.test(part);
    const body = isQuote ? part.replace(/\n$/, "").replace(/^(>|&gt;) ?/gm, "") : part;
    nodes.push(isQuote ? h("blockquote", {}, inline(body, viewer)) : inline(body, viewer));
  }
  return nodes;
}

// A text object: plain text shows as it is, but for emoji.
export function textObject(text, viewer) {
  if (!text) return [];
  return text.type === "mrkdwn" ? mrkdwn(text.text, viewer) : [emojis(text.text)];
}
