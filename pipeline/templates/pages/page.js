// Keeps the page up to date: asks every two seconds how things stand, and where something changed
// takes over just those parts of a newly made page. Without this script the page shows the same.
"use strict";

const EVERY_MS = 2000;
const PATIENCE_MS = 10000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const at = (id) => document.getElementById(id);
let paused = false;
let looking = false;

async function look() {
  if (looking || paused || document.hidden) return;
  looking = true;
  const answered = await update().then(() => true, () => false);
  looking = false;
  document.body.classList.toggle("stale", !answered);
  if (!paused) say("connection", answered ? "" : "Geen antwoord; dit is de laatst bekende stand.");
}

async function update() {
  const answer = await fetch("/status.json", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  const told = await answer.json();
  if (told.digest !== at("board").dataset.digest) morph(at("board"), (await freshPage()).getElementById("board"));
  say("looked-at", told.shown.looked_at);
  say("now", told.shown.now);
}

// A document that is parsed this way is inert: nothing in it is loaded or run.
function freshPage() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", "/");
    request.responseType = "document";
    request.timeout = PATIENCE_MS;
    request.onload = () => (request.response?.getElementById("board") ? resolve(request.response) : reject());
    request.onerror = request.ontimeout = reject;
    request.send();
  });
}

// Makes a part equal to its newer self and leaves alone whatever is equal already, so that focus,
// selection and pictures stay where they are.
function morph(part, newer) {
  if (part.isEqualNode(newer)) return;
  if (part.nodeType !== Node.ELEMENT_NODE || part.nodeName !== newer.nodeName) {
    const parent = part.parentElement;
    part.replaceWith(document.importNode(newer, true));
    flash(parent);
    return;
  }
  for (const { name } of [...part.attributes]) if (!newer.hasAttribute(name)) part.removeAttribute(name);
  for (const { name, value } of newer.attributes) if (part.getAttribute(name) !== value) part.setAttribute(name, value);
  const parts = [...part.childNodes];
  [...newer.childNodes].forEach((child, place) => {
    if (place < parts.length) morph(parts[place], child);
    else part.append(document.importNode(child, true));
  });
  parts.slice(newer.childNodes.length).forEach((child) => child.remove());
}

function flash(part) {
  if (calm.matches) return;
  const fresh = getComputedStyle(document.documentElement).getPropertyValue("--fresh");
  part.animate([{ backgroundColor: fresh }, { backgroundColor: "transparent" }], { duration: 1500 });
}

function say(id, text) {
  const part = at(id);
  if (part && part.textContent !== text) part.textContent = text;
}

function pauseOrGoOn() {
  paused = !paused;
  say("pause", paused ? "Ga verder" : "Pauzeer");
  say("connection", paused ? "Gepauzeerd." : "");
  look();
}

at("pause").hidden = false;
at("pause").addEventListener("click", pauseOrGoOn);
document.addEventListener("visibilitychange", look);
setInterval(look, EVERY_MS);
