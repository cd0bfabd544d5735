// The page for who runs the server. All it shows comes through the API.
const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang;
const at = id => document.getElementById(id);
const recordings = new Map(); // by id
const mostRows = 200;
const littleRoom = 5e9; // bytes, some hours of film

const ask = (path, method = "GET") => fetch(path, { method, headers: { "Accept-Language": language } });
const fill = (text, value) => text.replace("%s", value);
const number = new Intl.NumberFormat(language);
const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

function trouble(text) {
  at("trouble").textContent = text;
  at("trouble").hidden = !text;
}

function make(tag, attributes = {}, ...inside) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...inside);
  return e;
}

// button does something to a recording; what it did is told as an event.
function button(text, x, method, path, sure) {
  const b = make("button", { type: "button", "aria-label": `${text}: ${x.name}` }, text);
  b.addEventListener("click", async () => {
    if (sure && !confirm(fill(sure, x.name))) return;
    b.disabled = true;
    try {
      const answer = await ask(path, method);
      if (!answer.ok) trouble(words.failed);
    } catch {
      trouble(words.away);
    }
    b.disabled = false;
  });
  return b;
}

function actions(x) {
  const path = "/api/recordings/" + encodeURIComponent(x.id);
  const list = [];
  if (x.state === "done") list.push(make("a", { href: `${path}/files/report.html`, target: "_blank", "aria-label": `${words.report}: ${x.name}` }, words.report));
  if (x.state === "working") list.push(button(words.cancel, x, "POST", path + "/cancel"));
  if (x.state === "failed" || x.state === "cancelled") list.push(button(words.retry, x, "POST", path + "/retry"));
  list.push(button(words.remove, x, "DELETE", path, words.sure));
  return list;
}

function row(x) {
  const state = make("td");
  if (x.state === "working") {
    const bar = make("progress", { "aria-label": words.states[x.state] });
    if (x.steps_done > 0) { bar.max = x.steps; bar.value = x.steps_done; }
    state.append(bar, " ");
  }
  state.append(words.states[x.state]);
  if (x.message) state.append(make("br"), make("small", {}, x.message));
  const since = make("time", { datetime: x.submitted }, time.format(new Date(x.submitted)));
  return make("tr", { "data-id": x.id }, make("td", {}, x.name), state, make("td", {}, since), make("td", {}, ...actions(x)));
}

// show draws the rows anew, and keeps the focus where it was.
function show() {
  const all = [...recordings.values()].sort((a, b) => b.submitted.localeCompare(a.submitted));
  const focus = document.activeElement?.getAttribute("aria-label");
  at("recordings").tBodies[0].replaceChildren(...all.slice(0, mostRows).map(row));
  at("recordings").hidden = all.length === 0;
  at("none").hidden = all.length > 0;
  at("more").hidden = all.length <= mostRows;
  at("more").textContent = fill(words.more, number.format(all.length - mostRows));
  if (focus) document.querySelector(`[aria-label="${CSS.escape(focus)}"]`)?.focus();
}

let drawing = 0;
function soon() {
  drawing ||= requestAnimationFrame(() => { drawing = 0; show(); });
}

async function status() {
  try {
    const answer = await ask("/api/status");
    if (answer.status === 401) { location.reload(); return; }
    if (!answer.ok) throw new Error(answer.statusText);
    const s = await answer.json();
    trouble(s.failing.map(part => words.failing[part]).join(" "));
    at("working").textContent = number.format(s.recordings.working);
    at("done").textContent = number.format(s.recordings.done);
    at("ended").textContent = number.format(s.recordings.failed + s.recordings.cancelled);
    at("free").textContent = fill(words.size, number.format(Math.round(s.disk.free_bytes / 1e8) / 10));
    at("room").className = s.disk.free_bytes < littleRoom ? "warn" : "";
    at("queues").replaceChildren(...s.queues.map(q => make("tr", {},
      make("td", {}, words.queues[q.queue]), ...[q.blocked, q.ready, q.queued].map(n => make("td", {}, number.format(n))))));
    at("crew").textContent = fill(fill(words.crew, number.format(s.busy)), number.format(s.workers));
    at("versions").textContent = s.versions.join(" · ");
  } catch {
    trouble(words.away);
  }
}

const events = new EventSource("/api/events?lang=" + language);
events.addEventListener("reset", () => { recordings.clear(); soon(); });
events.addEventListener("recording", e => { const x = JSON.parse(e.data); recordings.set(x.id, x); soon(); });
events.addEventListener("deleted", e => { recordings.delete(JSON.parse(e.data).id); soon(); });
status();
setInterval(status, 5000);
