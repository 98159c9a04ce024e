// Keeps an open page as new as the server's answer. Without it, every page still reads and every link still leads on.
"use strict";
(() => {
  const main = document.getElementById("main");
  const live = document.getElementById("live");
  const body = document.body;
  let seen = Number(body.dataset.version);
  let source = null;
  let asking = false;
  let again = false;

  function spell(seconds) {
    for (const [limit, unit, name] of [[90, 1, "s"], [5400, 60, "min"], [172800, 3600, "h"], [Infinity, 86400, "d"]]) {
      if (seconds < limit) return `${Math.round(seconds / unit)} ${name}`;
    }
    return "";
  }

  function tick() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const words = spell(Math.max(0, (Date.now() - Date.parse(time.dateTime)) / 1000));
      if (time.textContent !== words) time.textContent = words;
    }
  }

  function say(kind, words) {
    live.className = `live ${kind}`;
    const said = live.querySelector(".said");
    if (said.textContent !== words) said.textContent = words;
  }

  async function part(address) {
    const answer = await fetch(address, { headers: { "X-Board-Part": "main" } });
    if (!answer.ok) throw new Error(String(answer.status));
    // Where the page has another address by now, that one is opened.
    if (answer.redirected && address === location.href) location.replace(answer.url);
    return new DOMParser().parseFromString(await answer.text(), "text/html").body;
  }

  async function fillParts(root) {
    await Promise.all([...root.querySelectorAll("[data-part]")].map(async (section) => {
      try {
        const filled = await part(section.dataset.part);
        section.replaceChildren(...filled.childNodes);
      } catch {
        section.querySelector(".asking")?.append(" could not be asked for");
      }
    }));
    tick();
  }

  // Two nodes that stand for the same thing: by their id, where they have one, else by what they are.
  function alike(one, other) {
    if (one.nodeType !== other.nodeType || one.nodeType !== 1) return one.nodeType === other.nodeType;
    if (one.id || other.id) return one.id === other.id && one.tagName === other.tagName;
    return one.tagName === other.tagName && one.classList[0] === other.classList[0];
  }

  // Changes what differs and nothing else, so that focus, selection and scrolling stay where they are.
  function become(old, fresh) {
    if (old.id === "upload") sign(old, fresh);
    if (old.isEqualNode(fresh) || old.dataset?.part || old.id === "upload") return;
    if (old.nodeType !== 1) { old.nodeValue = fresh.nodeValue; return; }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      // A parser drops the blanks that a page begins with.
      while (wanted.nodeType === 1 && at?.nodeType === 3 && !at.data.trim()) { const blank = at; at = at.nextSibling; blank.remove(); }
      let found = at;
      while (found && !alike(found, wanted)) found = found.nextSibling;
      const isNear = found === at || (found && wanted.id);
      if (found && isNear) {
        while (at !== found) { const passed = at; at = at.nextSibling; passed.remove(); }
        at = found.nextSibling;
        become(found, wanted);
      } else old.insertBefore(wanted, at);
    }
    while (at) { const rest = at; at = at.nextSibling; rest.remove(); }
  }

  // The form stays as a person left it, a chosen file and all; by its hidden fields the server that runs now knows it.
  function sign(old, fresh) {
    for (const field of old.querySelectorAll("input[type=hidden]")) {
      field.value = fresh.querySelector(`input[name="${field.name}"]`)?.value ?? field.value;
    }
  }

  function counts() {
    return new Map([...main.querySelectorAll(".lane[id]")].map((lane) => [lane.id, lane.querySelector(".track")?.textContent.replace(/\d+ (s|min|h|d)\b/g, "")]));
  }

  async function renew() {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const before = counts();
      const fresh = await part(location.href);
      // A board that was started a moment ago has no answer yet; what stands here is better than none.
      if (fresh.querySelector(".asking[aria-busy]") && !fresh.querySelector(".trouble")) return;
      const shell = document.createElement("main");
      shell.id = "main";
      shell.tabIndex = -1;
      shell.append(...fresh.childNodes);
      become(main, shell);
      tick();
      for (const [id, text] of counts()) {
        if (before.has(id) && before.get(id) !== text) flash(document.getElementById(id));
      }
      if (body.dataset.feed) await fillParts(main);
    } catch {
      say("off", "not reached");
    } finally {
      asking = false;
      if (again) { again = false; renew(); }
    }
  }

  function flash(lane) {
    lane.classList.remove("fresh");
    requestAnimationFrame(() => lane.classList.add("fresh"));
  }

  // Files are sent by the page's own form, one after the other, whether they were dropped or chosen.
  async function send(form, files) {
    const said = [];
    for (const file of files) {
      const line = document.createElement("span");
      said.push(line);
      form.querySelector("#upload-said").replaceChildren(...said);
      line.textContent = `${file.name}: uploading … `;
      if (file.size > Number(form.dataset.largest)) { line.textContent = `${file.name}: too large for this page; send it with python -m local put `; continue; }
      const fields = new FormData(form);
      fields.set("file", file, file.name);
      try {
        const answer = await fetch(form.action, { method: "POST", body: fields });
        if (answer.ok && files.length === 1) { location.assign(answer.url); return; }
        if (answer.ok) {
          const link = document.createElement("a");
          link.href = answer.url;
          link.textContent = `${file.name}: sent`;
          line.replaceChildren(link, " ");
        } else {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          line.textContent = `${file.name}: ${page.querySelector(".tell")?.textContent ?? answer.status} `;
        }
      } catch {
        line.textContent = `${file.name}: the board was not reached, or did not take it `;
      }
    }
  }

  function hasFiles(event) {
    return document.getElementById("upload") && event.dataTransfer?.types.includes("Files");
  }

  function overlay(isShown) {
    document.querySelector(".drop")?.remove();
    if (!isShown) return;
    const drop = document.createElement("div");
    drop.className = "drop";
    drop.append(Object.assign(document.createElement("span"), { textContent: "Drop to upload" }));
    body.append(drop);
  }

  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (!document.querySelector(".drop")) overlay(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) overlay(false); });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    overlay(false);
    send(document.getElementById("upload"), [...event.dataTransfer.files]);
  });
  document.addEventListener("submit", (event) => {
    const chosen = event.target.id === "upload" ? event.target.querySelector("input[type=file]").files : [];
    if (!chosen.length) return;
    event.preventDefault();
    send(event.target, [...chosen]);
  });

  function listen() {
    if (source || document.hidden || !("live" in body.dataset)) return;
    source = new EventSource(body.dataset.events);
    source.onopen = () => say("on", "live");
    source.onerror = () => say("off", "not reached");
    source.onmessage = (event) => {
      say("on", "live");
      const told = JSON.parse(event.data);
      const mine = !body.dataset.feed || told.feeds.length === 0 || told.feeds.includes(body.dataset.feed);
      if (told.version !== seen && mine) renew();
      seen = told.version;
    };
  }

  // A browser keeps six connections to a server open: a page that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && source) { source.close(); source = null; }
    listen();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, textarea, select");
    const links = [...main.querySelectorAll("a.file, .lane h2 a")];
    if (event.key === "/" && !typing) { event.preventDefault(); document.querySelector("input[type=search]").select(); }
    else if (event.key === "Escape" && typing) { event.target.blur(); main.focus(); }
    else if ((event.key === "ArrowDown" || event.key === "j") && (!typing || event.key === "ArrowDown")) move(links, 1, event);
    else if ((event.key === "ArrowUp" || event.key === "k") && !typing) move(links, -1, event);
  });

  function move(links, by, event) {
    if (!links.length) return;
    event.preventDefault();
    const at = links.indexOf(document.activeElement);
    links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))].focus();
  }

  listen();
  fillParts(main);
  tick();
  setInterval(tick, 1000);
})();
