// The respondent's page: folds answered statements, saves in the background, keeps what was typed when the line drops.
// Everything works without it. No answer is ever written to browser storage.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, react, root = document) => root.addEventListener(name, react, true);
  const form = () => $("#answers");
  const number = () => form().elements.number;

  // --- htmx: 409 and 422 are pages too; nothing lies in browser storage, where htmx notes addresses ---
  Object.assign(htmx.config, {
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    includeIndicatorStyles: false,
    allowEval: false,
    allowScriptTags: false,
    attributesToSettle: [],
    timeout: 10000,
    responseHandling: [{ code: "204" }, { code: "2..|409|422", swap: true }, { code: ".", error: true }],
  });
  const forget = () => { try { sessionStorage.clear(); } catch { /* storage is shut */ } };
  forget();
  on("htmx:pushedIntoHistory", forget);

  // --- one live region for everything that is announced ---
  let silence, failures = 0;
  const words = () => $("#status").dataset;
  function say(text, visible, stays) {
    const status = $("#status");
    status.textContent = text;
    status.className = visible ? "" : "hidden";
    clearTimeout(silence);
    if (text && !stays) silence = setTimeout(say, 4000, "");
  }
  function failed() {
    failures += 1;
    say(words().retry, true, true);
  }
  function worked() {
    if (failures) say(words().saved, true);
    failures = 0;
  }

  // --- folding: an answered statement folds into one line, the next one opens ---
  let pointing = false; // arrow keys choose every option on their way, so only a pointer's choice folds at once
  on("pointerdown", () => { pointing = true; });
  on("keydown", () => { pointing = false; });

  const picked = (statement) => $("input:checked", statement);
  const label = (statement) => picked(statement)?.closest(".option").textContent.trim();
  const folded = (statement) => statement.matches(".folded, .closed");

  // opened by its button, a statement keeps the button, to fold it again
  function show(statement, open, again) {
    const change = $(".change", statement), held = statement.contains(document.activeElement), text = label(statement);
    statement.classList.toggle("folded", !open && !!text);
    statement.classList.toggle("closed", !open && !text);
    statement.classList.toggle("again", !!again);
    change.parentNode.hidden = open && !again;
    change.previousSibling.textContent = text || "";
    change.textContent = text ? words().change : words().answer;
    change.setAttribute("aria-label", `${change.textContent}: ${$("legend", statement).textContent}`);
    change.setAttribute("aria-expanded", open);
    if (held && !open) change.focus({ preventScroll: true }); // what has the focus is never hidden
  }

  function next(statement) {
    const all = $$(".statement", statement.parentNode), at = all.indexOf(statement);
    return [...all.slice(at), ...all.slice(0, at)].find((other) => !picked(other));
  }

  function foldChosen(statement) {
    const following = next(statement), goal = !statement.matches(".again") && following;
    say(`${words().chosen} ${label(statement)}`);
    if (goal) {
      show(goal, true);
      goal.tabIndex = -1;
      goal.focus({ preventScroll: true });
    }
    show(statement, false);
    (goal || (following ? statement : statement.parentNode.nextElementSibling)).scrollIntoView({ block: "nearest" });
  }

  on("focusout", (event) => {
    const statement = event.target.closest(".statement"), to = event.relatedTarget;
    if (pointing || !to || !statement || statement.contains(to) || folded(statement) || !picked(statement)) return;
    show(statement, false);
    to.scrollIntoView({ block: "nearest" });
  });

  // --- background saving: each change is posted shortly after it is made ---
  let timer, sending, dirty = false;
  const wait = () => Math.min(15000, 1000 * 2 ** failures) * (0.7 + Math.random() * 0.6);
  const busy = (status) => status > 499 || status === 429;
  function keep(more) {
    const body = new URLSearchParams(new FormData(form()));
    body.set("wish", "keep");
    return fetch(form().action, { method: "POST", body, ...more }).catch(() => ({ status: 503 }));
  }
  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }
  function touch() {
    dirty = true;
    number().value++;
    later(800);
  }
  async function save() {
    if (!dirty || sending || leaving || !form()) return;
    const own = sending = new AbortController(), limit = setTimeout(() => own.abort(), 10000), posted = number().value;
    const reply = await keep({ signal: own.signal });
    clearTimeout(limit);
    if (sending !== own) return;
    sending = null;
    if (busy(reply.status)) failed();
    else {
      worked();
      dirty = number().value !== posted;
    }
    if (dirty) later(failures ? wait() : 800);
  }
  on("visibilitychange", () => {
    if (document.hidden && dirty && !leaving) keep({ keepalive: true });
  });
  on("beforeunload", (event) => { if (dirty && failures) event.preventDefault(); }, window);

  // --- going on: htmx posts the page; on a bad line the same body goes out again ---
  let leaving, again, shown = -999;
  function retry(delay) {
    clearTimeout(again);
    again = setTimeout(() => leaving && form().requestSubmit(leaving), delay);
  }
  function hold() {
    if (!leaving) return say(words().offline, true);
    failed();
    retry(wait());
  }
  on("htmx:configRequest", (event) => {
    const { parameters, triggeringEvent } = event.detail;
    if (event.target !== form()) return;
    if (performance.now() - shown < 400) return event.preventDefault(); // the rest of a double click on the page before
    clearTimeout(timer);
    sending?.abort();
    sending = null;
    if (!leaving) number().value++;
    leaving = triggeringEvent.submitter;
    parameters.number = number().value;
    parameters[leaving.name] = leaving.value;
  });
  on("htmx:sendError", hold);
  on("htmx:timeout", hold);
  on("htmx:responseError", (event) => {
    if (busy(event.detail.xhr.status)) hold();
    else event.target.submit(); // the server's page says what to do
  });
  on("htmx:afterSwap", () => {
    leaving = null;
    dirty = false;
    shown = performance.now();
    worked();
    setUp(true);
  });
  on("online", () => leaving ? retry(0) : later(0), window);

  // --- small helps: exclusive options, agree to all, what was missing, "other, namely", characters left ---
  function clearOthers(input) {
    if (input.type !== "checkbox" || !input.checked) return;
    for (const other of $$(`[name="${input.name}"]`))
      if (other !== input && ("exclusive" in input.dataset || "exclusive" in other.dataset)) other.checked = false;
  }
  function agree(input) {
    const consent = input.closest(".consent"), all = consent && $(".all input", consent);
    if (input === all && all.checked) $$("[value=yes]", consent).forEach((yes) => { yes.checked = true; });
    else if (all && input.value === "no") all.checked = false;
  }
  function settle(missing) {
    if (!missing) return;
    delete missing.dataset.missing;
    $(".fault", missing).textContent = "";
  }
  function uncover(question) {
    const namely = $(".namely", question);
    if (namely) namely.hidden = !$$(":checked", question).some((input) => input.value === namely.dataset.namely);
  }
  function measure(area) {
    const left = area.dataset.limit - [...area.value.trim()].length, line = $("#count-" + area.name);
    line.textContent = words().left.replace("%(number)s", left);
    line.classList.toggle("fault", left < 0);
  }

  // --- what happens on the page ---
  on("change", (event) => {
    const input = event.target, statement = input.closest(".statement"), following = statement && next(statement);
    if (!input.closest("#answers")) return;
    clearOthers(input);
    agree(input);
    uncover(input.closest(".question"));
    settle(input.closest("[data-missing]"));
    if (following && !pointing) show(following, true);
    touch();
  });
  on("input", (event) => {
    if (!event.target.matches("#answers textarea, #answers .field input, .namely input")) return;
    if (event.target.dataset.limit) measure(event.target);
    touch();
  });
  on("click", (event) => {
    const at = event.target, statement = at.closest(".statement"), link = at.closest(".summary [href^='#']");
    if (at.closest(".change") || (statement && folded(statement))) show(statement, folded(statement), true);
    else if (statement && pointing && at.matches("input")) foldChosen(statement);
    if (!link) return;
    const target = $(link.hash);
    event.preventDefault();
    if (target.matches(".statement")) show(target, true);
    target.scrollIntoView();
    $("input, textarea", target).focus({ preventScroll: true });
  });

  function setUp(arrived) {
    if (!form()) return;
    for (const options of $$(".statement .options"))
      options.insertAdjacentHTML("beforebegin", '<div class="fold"><b></b><button type="button" class="change"></button></div>');
    for (const statement of $$(".statement")) show(statement, statement === $$(".statement", statement.parentNode).find((s) => !picked(s)));
    $$(".question").forEach(uncover);
    $$("textarea").forEach(measure);
    const summary = $("#summary");
    document.documentElement.lang = $("#page").lang;
    if (!arrived && !summary) return;
    (summary || $("h1")).focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: "instant" });
    if (!summary && $("#status").textContent === "") say($(".left").textContent);
  }
  on("DOMContentLoaded", () => setUp());
})();
