// Makes the pages smoother for who uses a keyboard. Everything they hold can be reached without this file.
(() => {
  "use strict";
  const every = (selector) => [...document.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const say = (text) => { one("#told").textContent = text; };
  const kept = (name, fallback) => { try { return JSON.parse(localStorage.getItem(name)) ?? fallback; } catch { return fallback; } };
  const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* a browser that keeps nothing */ } };

  for (const each of every(".js-only")) each.hidden = false;

  // --- which change the reader stands on
  const items = () => every(one(".note[role=note]") ? ".note[role=note]" : "[data-item]").filter((item) => item.checkVisibility());
  let here = null;
  const stand = (item, way = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth") => {
    if (!item) return;
    here?.classList.remove("here");
    here = item;
    here.classList.add("here");
    const link = here.querySelector(".say a, a.what, .since a, th a, a") || here;
    (here.matches(".note") ? here : link).focus({ preventScroll: true });
    here.scrollIntoView({ block: "center", behavior: way });
  };
  const place = () => {
    const all = items();
    const at = all.indexOf(here);
    if (at >= 0) return [all, at];
    const below = all.findIndex((item) => item.getBoundingClientRect().bottom > 90);
    return [all, below < 0 ? all.length : below - 1];
  };
  const step = (by) => { const [all, at] = place(); stand(all[Math.min(Math.max(at + by, 0), all.length - 1)]); };
  const follow = (selector) => { const link = one(selector); if (link) location.assign(link.href); return Boolean(link); };

  // --- what this browser has marked as seen
  const MOST = 20000;
  const seen = new Set(kept("tracker.seen", []));
  const idOf = (item) => item.dataset.change || (item.id.startsWith("change-") ? item.id.slice(7) : "");
  const reviewed = new Map();
  for (const each of every("[data-mine]")) reviewed.set(each.dataset.change, each.dataset.mine);
  for (const each of every("[data-reviewed]")) reviewed.set(each.dataset.reviewed, each.dataset.words);
  const done = (item) => seen.has(idOf(item)) || reviewed.has(idOf(item));
  const paint = (item) => {
    const is = done(item);
    item.classList.toggle("was-seen", is);
    const chips = item.querySelector(".chips");
    const mark = item.querySelector(".seen-mark") ?? Object.assign(document.createElement("span"), { className: "seen-mark" });
    mark.textContent = `✓ ${reviewed.get(idOf(item)) ?? "seen"}`;
    if (is) chips?.append(mark);
    else mark.remove();
  };

  // --- and what the store keeps under the reader's name
  const review = async (weight) => {
    const item = here ?? items()[0];
    const id = item && idOf(item);
    const way = item?.closest("[data-review]")?.dataset.review;
    const form = one("#reviewer");
    if (!id || !way || !form) { say("say your name first: press r on the page of a diff"); return; }
    const fields = new FormData(form);
    fields.set("change", id);
    fields.set("weight", weight);
    const answer = await fetch(way, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" }).catch(() => null);
    if (answer?.type !== "opaqueredirect") { say("the review was not kept; reload the page and try again"); return; }
    reviewed.set(id, weight || "seen");
    every("[data-change], .note[role=note]").filter((each) => idOf(each) === id).forEach(paint);
    say(`kept as ${weight || "seen"}`);
    if (here !== item) stand(item);
  };
  const inWords = () => {
    const item = here ?? items()[0];
    const details = item && document.getElementById(`review-${idOf(item)}`)?.querySelector("details");
    if (!details) { follow(".here .say a"); return; }
    details.open = true;
    details.querySelector("select").focus();
  };
  const toggle = () => {
    if (one("#reviewer")) { review(""); return; }
    const item = here ?? items()[0];
    const id = item && idOf(item);
    if (!id) return;
    seen.has(id) ? seen.delete(id) : seen.add(id);
    keep("tracker.seen", [...seen].slice(-MOST));
    paint(item);
    say(seen.has(id) ? "marked as seen" : "no longer marked as seen");
    if (here !== item) stand(item);
  };
  const nextUnseen = () => {
    const [all, at] = place();
    const next = all.slice(at + 1).find((item) => !done(item));
    if (next) stand(next);
    else if (!follow("[data-edit-next]") && !follow("[rel=next]")) say("no further change here that is not marked as seen");
  };
  every("[data-change], .note[role=note]").forEach(paint);

  // --- edits in a list, and between pages
  const edit = (by) => {
    if (follow(by > 0 ? "[data-edit-next]" : "[data-edit-previous]")) return;
    const all = every("[data-edit]");
    if (!all.length) return;
    const at = all.findIndex((each) => each.contains(here));
    const next = all[at + by];
    if (next) stand(next.querySelector("[data-item]"));
    else if (by > 0) follow("[rel=next]");
  };

  // --- the notice that speaks of a change, lit up with it
  const tied = (name) => every(`#${CSS.escape(name)}, .note[data-notice="${CSS.escape(name)}"]`);
  const light = (target, on) => {
    const note = target.closest?.(".note[data-notice]");
    const notice = target.closest?.("article.notice");
    const name = note?.dataset.notice || notice?.id;
    if (name && tied(name).length > 1) tied(name).forEach((each) => each.classList.toggle("lit", on));
    const run = target.closest?.(".run");
    if (run) every(`.run[data-since="${CSS.escape(run.dataset.since)}"]`).forEach((each) => each.classList.toggle("same", on));
  };
  for (const [type, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(type, (event) => light(event.target, on));
  }

  // --- copying
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); say("copied"); return "Copied"; } catch { say("could not be copied"); return "Not copied"; }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const text = button.dataset.copy ? one(`#${button.dataset.copy}`).textContent : "copyAddress" in button.dataset ? location.href : null;
    if (text !== null) {
      const before = button.textContent;
      button.textContent = await copy(text);
      setTimeout(() => { button.textContent = before; }, 1500);
    }
    if (button.dataset.open) one(`#${button.dataset.open}`).showModal();
  });

  // --- keys
  const off = one("#keys-off");
  off.checked = kept("tracker.keys-off", false);
  off.addEventListener("change", () => keep("tracker.keys-off", off.checked));
  const open = () => { const link = here?.querySelector(".say a, a.what, .since a, th a, a"); if (link) location.assign(link.href); };
  const keys = {
    j: () => step(1), k: () => step(-1), o: open, x: toggle, u: nextUnseen, i: () => review("important"), m: () => review("noise"), r: inWords, n: () => edit(1), p: () => edit(-1),
    s: () => follow("[data-side]"), b: () => follow("[data-back]") || follow(".brand"), "/": () => (one(".find input") || one("main input[type=search]"))?.focus(),
    "?": () => one("#keys").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.matches("input")) event.target.blur();
    if (event.target.closest("input, select, textarea, dialog")) return;
    if (off.checked && event.key !== "?") return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("focusin", (event) => {
    const item = event.target.closest(".note[role=note], [data-item]");
    if (item && item !== here && items().includes(item)) { here?.classList.remove("here"); here = item; here.classList.add("here"); }
  });
  if (location.hash.startsWith("#change-")) stand(document.getElementById(location.hash.slice(1)), "instant");
})();
