// The respondent's page: folds answered statements, saves in the background, keeps what was typed when the line drops.
// Everything works without it. Nothing is ever written to browser storage.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const page = () => $("#page"), form = () => $("#answers"), words = () => page().dataset;

  // --- status: one live region for everything that is announced -------------------------------------------------
  let quiet;
  function say(text, visible) {
    const status = $("#status");
    status.textContent = text;
    status.classList.toggle("quiet", !visible);
    clearTimeout(quiet);
    if (!visible) quiet = setTimeout(() => { status.textContent = ""; }, 4000);
  }

  // --- folding: an answered statement folds, the next one opens -------------------------------------------------
  const statements = () => $$(".statement", page());
  const picked = (statement) => $("input:checked", statement);

  function prepare(statement, number) {
    const options = $(".options", statement);
    options.id = "o-" + statement.id;
    const legend = $("legend", statement), button = document.createElement("button"), fold = document.createElement("div");
    legend.id = "l-" + statement.id;
    button.type = "button";
    button.className = "change";
    button.id = "b-" + statement.id;
    button.setAttribute("aria-controls", options.id);
    button.setAttribute("aria-labelledby", button.id + " " + legend.id);
    fold.className = "fold";
    fold.append(document.createElement("b"), button);
    options.before(fold);
  }

  function show(statement, open) {
    const choice = picked(statement), button = $(".change", statement);
    statement.classList.toggle("folded", !open && !!choice);
    statement.classList.toggle("closed", !open && !choice);
    button.setAttribute("aria-expanded", String(open));
    button.textContent = choice ? words().change : words().answer;
    $(".fold b", statement).textContent = choice ? choice.parentElement.textContent.trim() : "";
  }

  const isOpen = (statement) => !statement.matches(".folded, .closed");
  const nextOpen = (statement) => {
    const all = statements(), at = all.indexOf(statement);
    return all.slice(at + 1).find((s) => !picked(s)) || all.slice(0, at).find((s) => !picked(s));
  };

  function reveal(element) {
    const box = element.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight - 16) element.scrollIntoView({ block: box.height > innerHeight ? "start" : "nearest" });
  }

  function foldAfterPointer(statement) {
    const next = nextOpen(statement);
    show(statement, false);
    say(words().chosen + " " + $(".fold b", statement).textContent);
    if (next) {
      show(next, true);
      next.tabIndex = -1;
      next.focus({ preventScroll: true });
      reveal(next);
    } else {
      $(".change", statement).focus({ preventScroll: true });
      reveal($(".next:not(.first)"));
    }
  }

  // --- background saving: each change is posted shortly after it is made ---------------------------------------
  const WAIT = 800, LONGEST = 15000;
  let timer, sending, dirty = false, failures = 0;

  const body = (wish) => {
    const data = new FormData(form());
    if (wish) data.set("wish", wish);
    return new URLSearchParams(data);
  };
  const count = () => { const field = form().elements.number; field.value = Number(field.value) + 1; };

  function later(wait) { clearTimeout(timer); timer = setTimeout(save, wait); }

  function touch() { dirty = true; count(); later(WAIT); }

  async function save() {
    if (!form() || !dirty || sending || leaving) return;
    const posted = body("keep"), number = form().elements.number.value, own = new AbortController();
    sending = own;
    const limit = setTimeout(() => own.abort(), 10000);
    try {
      const reply = await fetch(form().action, { method: "POST", body: posted, signal: own.signal, credentials: "same-origin", redirect: "error" });
      if (reply.status >= 500 || reply.status === 429) throw new Error("retry");
      if (form() && form().elements.number.value === number) dirty = false;
      if (failures) say(words().saved, false);
      failures = 0;
    } catch (error) {
      if (own.dropped) return;
      failures += 1;
      say(words().retry, true);
    } finally {
      clearTimeout(limit);
      if (sending === own) sending = null;
    }
    if (dirty) later(failures ? Math.min(LONGEST, 1000 * 2 ** Math.min(failures, 4)) * (0.7 + Math.random() * 0.6) : WAIT);
  }

  addEventListener("online", () => { if (dirty) later(0); if (leaving) again(0); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && form() && dirty && !leaving)
      fetch(form().action, { method: "POST", body: body("keep"), keepalive: true, credentials: "same-origin" }).catch(() => {});
  });

  // --- going on: htmx posts the form; on a bad line the same body goes out again --------------------------------
  let leaving = null, retry;

  function again(wait) { clearTimeout(retry); retry = setTimeout(() => leaving && post(), wait); }

  function post() {
    const submitter = leaving;
    if (document.body.contains(submitter)) form().requestSubmit(submitter);
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target !== form()) return;
    clearTimeout(timer);
    if (sending) { sending.dropped = true; sending.abort(); }
    const submitter = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
    if (!leaving) count();
    leaving = submitter || leaving || $(".next:not(.first)");
    event.detail.parameters.number = form().elements.number.value;
    event.detail.parameters.wish = leaving.value;
  });

  function hold() {
    if (!leaving) return;
    failures += 1;
    say(words().retry, true);
    again(Math.min(LONGEST, 1000 * 2 ** Math.min(failures, 4)) * (0.7 + Math.random() * 0.6));
  }
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) document.addEventListener(name, hold);
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status >= 500 || status === 429) hold();
    else if (form()) { leaving = null; form().submit(); }
  });

  document.addEventListener("htmx:afterSwap", () => { if (page()) { leaving = null; dirty = false; if (failures) { failures = 0; say(words().saved, false); } setUp(true); } });

  // --- small helps ------------------------------------------------------------------------------------------------
  function alone(input) {
    if (input.type !== "checkbox" || !input.checked || input.name.endsWith("__all")) return;
    const others = $$(`input[name="${input.name}"]`, form()).filter((other) => other !== input);
    for (const other of others) if ("exclusive" in input.dataset || "exclusive" in other.dataset) other.checked = false;
  }

  function agree(input) {
    if (!input.name.endsWith("__all")) {
      const all = input.closest(".consent") && $(".all input", input.closest(".consent"));
      if (all && input.value !== "yes") all.checked = false;
    } else if (input.checked) for (const yes of $$('input[value="yes"][type=radio]', input.closest(".consent"))) yes.checked = true;
  }

  function namely(question) {
    const field = $(".namely", question);
    if (!field) return;
    field.hidden = !$$("input:checked", question).some((input) => input.value === field.dataset.namely);
  }

  function measure(area) {
    const left = Number(area.dataset.limit) - area.value.trim().length;
    const line = document.getElementById("count-" + area.name);
    line.textContent = words().left.replace("%(number)s", left);
    line.classList.toggle("fault", left < 0);
  }

  function setUp(moved) {
    if (!form()) return;
    const all = statements();
    all.forEach(prepare);
    const first = all.find((s) => !picked(s) && "missing" in s.dataset) || all.find((s) => !picked(s));
    all.forEach((statement) => show(statement, statement === first || "missing" in statement.dataset));
    $$(".question", form()).forEach(namely);
    $$("textarea[data-limit]", form()).forEach(measure);
    if (!moved) return;
    const summary = $("#summary"), heading = $("h1", page());
    (summary || heading).focus({ preventScroll: true });
    scrollTo(0, 0);
    if (!summary) say(heading.textContent);
  }

  let pointed = 0;
  document.addEventListener("pointerup", (event) => { if (event.target.closest(".option")) pointed = event.timeStamp; }, true);
  document.addEventListener("keydown", () => { pointed = 0; }, true);

  document.addEventListener("change", (event) => {
    const input = event.target, statement = input.closest(".statement");
    if (!form() || !form().contains(input)) return;
    alone(input);
    agree(input);
    if (input.closest(".question")) namely(input.closest(".question"));
    if (statement) {
      delete statement.dataset.missing;
      const byPointer = pointed && event.timeStamp - pointed < 1000;
      if (byPointer) foldAfterPointer(statement);
      else { const next = nextOpen(statement); if (next) show(next, true); }
    }
    touch();
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-limit]")) measure(event.target);
    if (event.target.matches("textarea, input:not([type=radio]):not([type=checkbox])") && form() && form().contains(event.target)) touch();
  });
  // a statement answered with the keyboard folds when focus leaves it
  document.addEventListener("focusout", (event) => {
    const statement = event.target.closest && event.target.closest(".statement");
    if (statement && isOpen(statement) && picked(statement) && event.relatedTarget && !statement.contains(event.relatedTarget)) show(statement, false);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".change");
    if (button) {
      const statement = button.closest(".statement");
      show(statement, true);
      (picked(statement) || $("input", statement)).focus();
      return;
    }
    const link = event.target.closest('.summary a[href^="#i-"]');
    const target = link && document.getElementById(link.hash.slice(1));
    if (target) {
      event.preventDefault();
      if (target.matches(".statement")) show(target, true);
      target.scrollIntoView({ block: "start" });
      const field = $("input, textarea", target);
      if (field) field.focus({ preventScroll: true });
    }
    const language = event.target.closest('button[name="language"]');
    if (language) { // the whole page changes, so the browser itself posts the form
      event.preventDefault();
      clearTimeout(timer);
      if (sending) { sending.dropped = true; sending.abort(); }
      count();
      const chosen = document.createElement("input");
      Object.assign(chosen, { type: "hidden", name: "language", value: language.value });
      form().append(chosen);
      form().submit();
    }
  });
  addEventListener("DOMContentLoaded", () => setUp(false));
})();
