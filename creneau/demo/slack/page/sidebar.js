// The left side: which workspace, which person; a mark on whoever got news.

import { h } from "./dom.js";
import { avatar } from "./surfaces.js";

// Boxes of whoever runs the stand-in, such as a clock to move.
function panel(one, press) {
  const title = `panel-${one.id}`;
  return h("section", { class: "panel", "aria-labelledby": title },
    h("h2", { id: title }, one.title),
    h("p", {}, one.text),
    h("div", { class: "panel-buttons" }, one.buttons.map((button) => h("button", {
      type: "button", "data-key": `${one.id}/${button.id}`, onclick: () => press(one, button),
    }, button.label))));
}

export function sidebar(directory, viewer, newsOf, go, panels, press) {
  const words = viewer.words;
  const current = directory.workspaces.find((one) => one.team_id === viewer.team_id);
  const newsIn = (one) => one.people.reduce((sum, person) => sum + newsOf(one.team_id, person.id), 0);
  const tile = (one) => h("button", {
    type: "button", class: "workspace", title: one.name, "aria-label": one.name, "aria-current": String(one === current),
    "data-key": one.team_id, onclick: () => go(one.team_id, one.people[0].id),
  }, one.name.slice(0, 2), one !== current && newsIn(one) > 0 && h("span", { class: "dot" }));
  const row = (person) => {
    const news = person.id === viewer.id ? 0 : newsOf(current.team_id, person.id);
    return h("li", {}, h("button", {
      type: "button", class: "person", "aria-current": String(person.id === viewer.id), "data-key": person.id,
      onclick: () => go(current.team_id, person.id),
    }, avatar(person.real_name), h("span", { class: "who" }, h("span", { class: "name" }, person.real_name),
      h("small", {}, [person.title, person.locale.slice(0, 2).toUpperCase()].filter(Boolean).join(" · "))),
    news > 0 && h("span", { class: "count", "aria-label": `${news} ${words.new}` }, String(news))));
  };
  return [
    h("div", { class: "rail", role: "group", "aria-label": words.workspaces }, directory.workspaces.map(tile)),
    h("div", { class: "beside" },
      h("div", { class: "people", "data-scroll": true },
        h("h1", {}, current.name),
        h("p", { class: "kicker" }, words.stand_in),
        h("h2", {}, words.signed_in),
        h("ul", {}, current.people.map(row)),
        h("p", { class: "tip" }, words.app_is_on)),
      panels.map((one) => panel(one, press))),
  ];
}
