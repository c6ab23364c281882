// Dates as Slack shows them: in the zone and the language of whoever reads.

function format(viewer, date, options) {
  return new Intl.DateTimeFormat(viewer.locale, { timeZone: viewer.tz, ...options }).format(date);
}

function dayNumber(viewer, date) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: viewer.tz }).format(date);
  return Math.round(Date.parse(`${parts}T00:00:00Z`) / 86400000);
}

function pretty(viewer, date, otherwise) {
  const away = dayNumber(viewer, date) - dayNumber(viewer, new Date());
  const word = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[away];
  return word ? viewer.words[word] : format(viewer, date, otherwise);
}

const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const PLAIN = { day: "numeric", month: "long", year: "numeric" };
const SHORT = { day: "numeric", month: "short", year: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };

const TOKENS = {
  date_num: (viewer, date) => new Intl.DateTimeFormat("en-CA", { timeZone: viewer.tz }).format(date),
  date_slash: (viewer, date) => format(viewer, date, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date_long: (viewer, date) => format(viewer, date, LONG),
  date_long_full: (viewer, date) => format(viewer, date, LONG),
  date_long_pretty: (viewer, date) => pretty(viewer, date, LONG),
  date: (viewer, date) => format(viewer, date, PLAIN),
  date_pretty: (viewer, date) => pretty(viewer, date, PLAIN),
  date_short: (viewer, date) => format(viewer, date, SHORT),
  date_short_pretty: (viewer, date) => pretty(viewer, date, SHORT),
  day_divider_pretty: (viewer, date) => pretty(viewer, date, { weekday: "long", day: "numeric", month: "long" }),
  time: (viewer, date) => format(viewer, date, CLOCK),
  time_secs: (viewer, date) => format(viewer, date, { ...CLOCK, second: "2-digit" }),
  ago: (viewer, date) => {
    const minutes = Math.round((date - new Date()) / 60000);
    const relative = new Intl.RelativeTimeFormat(viewer.locale, { numeric: "auto" });
    if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
    if (Math.abs(minutes) < 1440) return relative.format(Math.round(minutes / 60), "hour");
    return relative.format(Math.round(minutes / 1440), "day");
  },
};

export function formatDate(viewer, seconds, pattern) {
  const date = new Date(seconds * 1000);
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(viewer, date) ?? whole);
}

export const clockTime = (viewer, seconds) => TOKENS.time(viewer, new Date(seconds * 1000));
export const dayOf = (viewer, seconds) => TOKENS.day_divider_pretty(viewer, new Date(seconds * 1000));

// The browser writes dates its own way; this is the same day in the reader's language.
export function dayInWords(viewer, day) {
  if (!day) return "";
  return new Intl.DateTimeFormat(viewer.locale, { ...LONG, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

// The same for a time of day: 14:30, or 2:30 pm.
export function timeInWords(viewer, time) {
  if (!time) return "";
  return new Intl.DateTimeFormat(viewer.locale, { ...CLOCK, timeZone: "UTC" }).format(new Date(`1970-01-01T${time}:00Z`));
}

// A wall clock "2026-11-23T10:00" in a zone, as seconds; and back.
export function toSeconds(viewer, wall) {
  const guess = Date.parse(`${wall}:00Z`) / 1000;
  const shift = Date.parse(`${toWall(viewer, guess)}:00Z`) / 1000 - guess;
  return guess - shift;
}

export function toWall(viewer, seconds) {
  const options = { timeZone: viewer.tz, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("sv-SE", options).format(new Date(seconds * 1000)).replace(" ", "T");
}
