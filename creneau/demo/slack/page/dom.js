// Building elements. Text only ever enters as text nodes, so nothing an app sends can become markup.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

let count = 0;
export const newId = (prefix) => `${prefix}-${++count}`;

// Redraw a node and put the focus and the caret back on the field that had them.
export function redraw(root, children) {
  const active = document.activeElement;
  const key = root.contains(active) ? active.dataset.key : undefined;
  const caret = key && active.selectionStart;
  const scroll = [...root.querySelectorAll("[data-scroll]")].map((node) => node.scrollTop);
  root.replaceChildren(...children);
  [...root.querySelectorAll("[data-scroll]")].forEach((node, index) => { node.scrollTop = scroll[index] ?? 0; });
  const again = key && root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!again) return;
  again.focus();
  if (typeof caret === "number" && again.setSelectionRange) again.setSelectionRange(caret, caret);
}

// A list that pops up under a button and closes on Escape, on a click elsewhere, on a choice.
export function popup(opener, build) {
  const close = () => {
    list.remove();
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => { if (!list.contains(event.target) && !opener.contains(event.target)) close(); };
  const list = build(close);
  const move = (step) => {
    const items = [...list.querySelectorAll("button")];
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  };
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); opener.focus(); }
    if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
  });
  opener.after(list);
  opener.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  list.querySelector("button")?.focus();
}
