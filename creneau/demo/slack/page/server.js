// Talking to the stand-in: gestures one after the other, and a stream that says when to look again.

let queue = Promise.resolve();

async function post(gesture, body) {
  const response = await fetch(`/ui/${gesture}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${gesture}: ${response.status}`);
  return response.json();
}

export function perform(gesture, body) {
  const done = queue.then(() => post(gesture, body));
  queue = done.catch(() => undefined);
  return done;
}

export const ask = post;

export async function look(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

export function follow(onVersion, onTrouble) {
  const stream = new EventSource("/ui/changes");
  stream.onmessage = (event) => onVersion(JSON.parse(event.data));
  stream.onerror = () => onTrouble();
}
