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
    historyEnabled: window === top, // frames may lack cookies
    historyCacheSize: 0,
    defaultSettleDelay: 0, // buttons are htmx's at once
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

  // --- one live region for everything that is announced: out of sight, in sight for a while, or until there is news ---
  let silence, failures = 0;
  const words = () => $("#status").dataset;
  function say(text, sight = "hidden") {
    $("#status").textContent = text;
    $("#status").className = sight;
    clearTimeout(silence);
    if (text && sight !== "stays") silence = setTimeout(say, 4000, "");
  }
  function failed() {
    failures++;
    say(words().retry, "stays");
  }
  function worked() {
    if (failures) say(words().saved, "seen");
    failures = 0;
  }

  // --- folding: an answered statement folds into one line, the next one opens ---
  let pointing; // arrow keys choose every option on their way, so only a pointer's choice folds at once
  on("pointerdown", () => { pointing = true; });
  on("keydown", () => { pointing = false; });

  const chosen = (statement) => $(":checked + span", statement)?.textContent;
  const folded = (statement) => statement.matches(".folded, .closed");

  // a statement that was opened by its button keeps the button, to fold it again
  function show(statement, open, again) {
    const change = $(".change", statement), answer = chosen(statement), held = statement.contains(document.activeElement);
    statement.className = "statement " + (open ? again ? "again" : "" : answer ? "folded" : "closed");
    change.parentNode.hidden = open && !again;
    change.previousSibling.textContent = answer;
    change.textContent = answer ? words().change : words().answer;
    change.setAttribute("aria-label", `${change.textContent}: ${$("legend", statement).textContent}`);
    change.setAttribute("aria-expanded", open);
    if (held && !open) change.focus({ preventScroll: true }); // what has the focus is never hidden
  }
  function next(statement) {
    const all = $$(".statement", statement.parentNode), at = all.indexOf(statement);
    return [...all.slice(at), ...all].find((other) => !chosen(other));
  }
  function foldChosen(statement) {
    const following = next(statement), goal = !statement.matches(".again") && following;
    say(words().chosen + " " + chosen(statement));
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
    if (pointing || !to || !statement || statement.contains(to) || folded(statement) || !chosen(statement)) return;
    show(statement, false);
    to.scrollIntoView({ block: "nearest" });
  });

  // --- background saving: each change is posted shortly after it is made ---
  let timer, sending, dirty;
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
    const own = sending = {}, posted = number().value, reply = await keep({ signal: AbortSignal.timeout?.(10000) });
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
    if (!leaving) return say(words().offline, "seen");
    failed();
    retry(wait());
  }
  on("htmx:configRequest", (event) => {
    const { parameters, triggeringEvent } = event.detail;
    if (event.target !== form()) return;
    if (performance.now() - shown < 400) return event.preventDefault(); // the rest of a double click on the page before
    clearTimeout(timer);
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
    leaving = dirty = null;
    shown = performance.now();
    worked();
    setUp(true);
  });
  on("online", () => leaving ? retry(0) : later(0), window);

  // --- what happens on the page: exclusive options, agree to all, characters left, links to what needs attention ---
  function clearOthers(input) {
    for (const other of $$(`[type=checkbox][name="${input.name}"]:checked`))
      if (other !== input && (input.dataset.alone || other.dataset.alone)) other.checked = false;
  }
  function agree(input) {
    const consent = input.closest(".consent"), all = $(".all input", consent);
    if (input === all && all.checked) $$("[value=yes]", consent).forEach((yes) => { yes.checked = true; });
    else if (all && input.value === "no") all.checked = false;
  }
  function measure(area) {
    const left = area.dataset.limit - [...area.value.trim()].length, line = area.nextElementSibling;
    line.textContent = words()[left < 0 ? "over" : "left"].replace("%(number)s", Math.abs(left));
    line.classList.toggle("fault", left < 0);
  }
  on("input", (event) => {
    const input = event.target, statement = input.closest(".statement"), following = statement && next(statement);
    if (!input.closest("#answers")) return;
    if (input.matches("textarea")) measure(input);
    if (input.checked) clearOthers(input);
    if (input.closest(".consent")) agree(input);
    if (following && !pointing) show(following, true);
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
    for (const statement of $$(".statement")) show(statement, statement === next($(".statement", statement.parentNode)));
    $$("textarea").forEach(measure);
    const summary = $("#summary");
    document.documentElement.lang = $("#page").lang;
    if (!arrived && !summary) return;
    (summary || $("h1")).focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: "instant" });
    if (!summary && !$("#status").textContent) say($(".left").textContent);
  }
  on("DOMContentLoaded", () => setUp());
})();
