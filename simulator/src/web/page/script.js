"use strict";

const element = (id) => document.getElementById(id);

// Everything that comes from a mail becomes text, never markup.
const node = (name, text, properties = {}) => {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  return Object.assign(made, properties);
};

const when = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19);

const badge = (method, result) => {
  const bad = ["fail", "softfail", "permerror", "temperror"].includes(result);
  const kind = result === "pass" ? "good" : bad ? "bad" : "";
  return node("span", `${method} ${result}`, { className: `badge ${kind}` });
};

const state = { mails: [], open: null, tab: "Text" };

const ask = async (path, options) => {
  const answer = await fetch(path, options);
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(`${body.error}; ${body.remedy}`);
  return body;
};

const shown = () => {
  const words = element("filter").value.toLowerCase();
  const has = (mail) => [mail.recipient, mail.sender, mail.from, mail.subject]
    .some((text) => (text || "").toLowerCase().includes(words));
  return state.mails.filter(has);
};

const drawList = () => {
  const mails = shown();
  const list = element("list");
  list.replaceChildren(...mails.map((mail) => {
    const link = node("a", null, { href: `#${mail.id}` });
    if (state.open && state.open.id === mail.id) link.setAttribute("aria-current", "true");
    link.append(
      node("b", mail.subject || "(no subject)"),
      node("span", when(mail.time).slice(11), { className: "quiet" }),
      node("span", `${mail.from || mail.sender || "<>"}`, { className: "quiet" }),
      node("span", mail.disposition === "inbox" ? "" : mail.disposition, { className: "quiet" }),
      node("span", `to ${mail.recipient}`, { className: "quiet" }),
    );
    return link;
  }));
  if (mails.length === 0) {
    list.append(node("p", state.mails.length ? "No mail has these words." : "No mail yet."));
  }
  document.body.classList.toggle("bare", state.mails.length === 0);
  element("empty-words").textContent = state.mails.length ? "Choose a mail, or send another:" : "No mail yet. Send one:";
  document.title = state.mails.length ? `Inbox (${state.mails.length})` : "Inbox";
};

const tabs = {
  Text: (mail) => [node("pre", mail.text === null ? "It says nothing in plain text." : mail.text)],
  HTML: (mail) => {
    if (!mail.has_html) return [node("p", "It says nothing in HTML.")];
    const frame = node("iframe", null, { title: "What the mail says in HTML" });
    frame.setAttribute("sandbox", "");
    frame.src = `/api/mails/${mail.id}/html`;
    return [frame];
  },
  Headers: (mail) => [table(mail.headers)],
  Source: (mail) => {
    const text = node("pre", "…");
    fetch(`/api/mails/${mail.id}/source`).then((answer) => answer.text()).then((source) => { text.textContent = source; });
    return [text];
  },
  Authentication: (mail) => [
    table(mail.verdicts.map((verdict) =>
      [`${verdict.method} ${verdict.result}`, [verdict.reason, ...verdict.properties].filter(Boolean).join("  ")])),
    node("h2", "Authentication-Results"),
    node("pre", mail.authentication_results),
  ],
  Transcript: (mail) => [node("pre", mail.transcript === null ? "The session has not ended yet." : mail.transcript)],
  Events: (mail) => [log(mail.events)],
  Attachments: (mail) => [table(mail.attachments.map((attachment) => {
    const link = node("a", attachment.name || "without a name", { href: `/api/mails/${mail.id}/attachments/${attachment.place}` });
    link.setAttribute("download", attachment.name || "attachment");
    return [link, `${attachment.type}, ${attachment.size} octets`];
  }))],
};

const table = (rows) => {
  const made = node("table");
  for (const [name, value] of rows) {
    const row = made.insertRow();
    const head = node("th");
    head.append(name);
    row.append(head, node("td", value));
  }
  return made;
};

const log = (events) => {
  const list = node("ol");
  list.append(...events.map(eventLine));
  return list;
};

const eventLine = (event) => {
  const line = node("li");
  line.append(node("time", when(event.time)), `${event.host} ${event.text}`);
  return line;
};

const drawMail = () => {
  const mail = state.open;
  document.body.classList.toggle("reading", mail !== null);
  element("mail").hidden = mail === null;
  element("empty").hidden = mail !== null;
  if (mail === null) return;
  element("subject").textContent = mail.subject || "(no subject)";
  const facts = [["From", mail.from], ["To", mail.recipient], ["Envelope", `<${mail.sender}>, from ${mail.client_name} [${mail.client}]`], ["Came", when(mail.time)]];
  element("facts").replaceChildren(...facts.flatMap(([name, value]) => [node("dt", name), node("dd", value || "–")]));
  const kind = mail.disposition === "inbox" ? "good" : "bad";
  element("badges").replaceChildren(
    node("span", mail.disposition, { className: `badge ${kind}` }),
    ...mail.verdicts.map((verdict) => badge(verdict.method, verdict.result)));
  const names = Object.keys(tabs).filter((name) => name !== "Attachments" || mail.attachments.length > 0);
  if (!names.includes(state.tab)) state.tab = "Text";
  element("tabs").replaceChildren(...names.map((name) => {
    const tab = node("button", name, { type: "button" });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(name === state.tab));
    tab.addEventListener("click", () => { state.tab = name; drawMail(); element("tabs").querySelector("[aria-selected=true]").focus(); });
    return tab;
  }));
  element("panel").classList.toggle("flush", state.tab === "HTML" && mail.has_html);
  element("panel").replaceChildren(...tabs[state.tab](mail));
};

const open = async () => {
  const [number, tab] = location.hash.slice(1).split("/");
  if (tab in tabs) state.tab = tab;
  try {
    state.open = number ? await ask(`/api/mails/${encodeURIComponent(number)}`) : null;
  } catch {
    state.open = null;
  }
  drawMail();
  drawList();
};

const load = async () => {
  state.mails = await ask("/api/mails");
  drawList();
  if (state.open && !state.mails.some((mail) => mail.id === state.open.id)) location.hash = "";
};

const ending = (text, path) => {
  const line = node("li", `${text} `);
  const end = node("button", "End", { type: "button" });
  end.setAttribute("aria-label", `End ${text}`);
  end.addEventListener("click", async () => { await ask(path, { method: "DELETE" }); loadFaults(); });
  line.append(end);
  return line;
};

const loadFaults = async () => {
  const [faults, lookups] = await Promise.all([ask("/api/faults"), ask("/api/dns/faults")]);
  element("fault-list").replaceChildren(...faults.map((fault) =>
    ending(`${fault.recipient}: ${fault.behaviour}`, `/api/faults/${fault.id}`)));
  element("dns-list").replaceChildren(...lookups.map(({ name, type, fault }) =>
    ending(`${name} ${type}: ${fault}`, `/api/dns/faults/${encodeURIComponent(name)}/${type}`)));
  const count = faults.length + lookups.length;
  element("faults-open").textContent = count ? `Faults (${count})` : "Faults";
};

const showClock = ({ time }) => { element("now").textContent = when(time); };

const post = (path, document) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(document) });

const live = () => {
  const stream = new EventSource("/api/stream");
  const say = (text, kind) => { element("live").textContent = text; element("live").className = kind; };
  stream.onopen = () => { say("live", "on"); load(); };
  stream.onerror = () => say("not connected", "off");
  let planned = false;
  stream.onmessage = (message) => {
    element("log").prepend(eventLine(JSON.parse(message.data)));
    while (element("log").children.length > 200) element("log").lastChild.remove();
    if (planned) return;
    planned = true;
    setTimeout(async () => { planned = false; await load(); ask("/api/clock").then(showClock); if (state.open && ["Events", "Transcript"].includes(state.tab)) open(); }, 100);
  };
};

addEventListener("hashchange", open);
element("filter").addEventListener("input", drawList);
element("back").addEventListener("click", () => { location.hash = ""; });
element("delete").addEventListener("click", async () => { await ask(`/api/mails/${state.open.id}`, { method: "DELETE" }); location.hash = ""; load(); });
element("clear").addEventListener("click", async () => { await ask("/api/mails", { method: "DELETE" }); location.hash = ""; load(); });
element("faults-open").addEventListener("click", () => { element("faults").showModal(); loadFaults(); });
element("faults-close").addEventListener("click", () => element("faults").close());
element("inject").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fault = { recipient: element("fault-recipient").value.trim(), behaviour: element("fault-behaviour").value.trim() };
  try {
    await post("/api/faults", fault);
    element("fault-error").textContent = "";
    element("fault-behaviour").value = "";
  } catch (error) {
    element("fault-error").textContent = error.message;
  }
  loadFaults();
});
element("dns").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fault = { name: element("dns-name").value.trim(), type: element("dns-type").value, fault: element("dns-fault").value };
  try {
    await post("/api/dns/faults", fault);
    element("dns-error").textContent = "";
  } catch (error) {
    element("dns-error").textContent = error.message;
  }
  loadFaults();
});
element("records").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = element("records-said");
  try {
    const done = await ask("/api/dns", { method: "PUT", headers: { "Content-Type": "text/dns" }, body: element("records-text").value });
    said.textContent = `Published ${done.published}, in the place of ${done.replaced.length}.`;
    said.className = "";
  } catch (error) {
    said.textContent = error.message;
    said.className = "wrong";
  }
});
element("advance").addEventListener("change", async (event) => {
  const seconds = Number(event.target.value);
  event.target.value = "";
  if (seconds) showClock(await post("/api/clock", { advance_seconds: seconds }));
});
addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const mails = shown();
  const place = mails.findIndex((mail) => state.open && mail.id === state.open.id);
  const next = { j: place + 1, k: place - 1 }[event.key];
  if (next !== undefined && mails[next]) location.hash = mails[next].id;
  if (event.key === "Escape" && !element("faults").open) location.hash = "";
});
ask("/api/events").then((events) => element("log").prepend(...events.slice(-200).reverse().map(eventLine)));
ask("/api/clock").then(showClock);
loadFaults();
load().then(open);
live();
