// The respondent's page, which also works without this script. No answer is written to browser storage.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, react) => addEventListener(name, react, true);
  const form = () => $("#answers");
  const number = () => form().elements.number;

  // --- htmx: 409 and 422 are pages too; its list of addresses is removed from browser storage ---
  Object.assign(htmx.config, {
    historyEnabled: window === top,
    historyCacheSize: 0,
    defaultSettleDelay: 0, // htmx handles buttons at once
    refreshOnHistoryMiss: true,
    includeIndicatorStyles: false,
    allowEval: false,
    allowScriptTags: false,
    attributesToSettle: [],
    timeout: 10000,
    responseHandling: [{ code: "204" }, { code: "2..|409|422", swap: true }, { code: ".", error: true }],
  });
  const forget = () => {
    try {
      sessionStorage.clear();
    } catch {
      /* storage is shut */
    }
  };
  forget();
  on("htmx:pushedIntoHistory", forget);

  // --- presses: one belongs to the page that was seen when it began; the second of a double tap does nothing ---
  let pointing, // arrow keys choose each option that they pass: only a pointer's choice folds at once
    pressed,
    again,
    drawn,
    down = {},
    tap = down; // the last press that did not scroll
  on("pointerdown", (event) => {
    again = event.timeStamp - tap.timeStamp <= 700 && Math.hypot(event.x - tap.x, event.y - tap.y) <= 24;
    if (again && event.target !== tap.target) event.preventDefault();
    down = event;
    pointing = pressed = true;
  });
  on("click", (event) => {
    if (!event.detail || !(again || down.timeStamp < drawn)) return; // no pointer: key or assistive technology
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  const draw = () => {
    drawn = performance.now();
  };
  on("keydown", () => {
    pointing = false;
  });

  // --- language menu ---
  function shut(event) {
    const menu = $(".languages[open]");
    if (!menu || (event.key ? event.key !== "Escape" : menu.contains(event.target))) return;
    if (menu.contains(document.activeElement)) $("summary", menu).focus();
    menu.open = false;
  }
  on("click", shut);
  on("keydown", shut);

  // --- one live region: hidden, seen for a while, or stays until the next text ---
  let silence;
  let told, words;
  function say(text, sight = "hidden") {
    told.textContent = text;
    told.className = sight;
    clearTimeout(silence);
    if (text && sight !== "stays") silence = setTimeout(say, 4000, "");
  }

  // --- folding: an answered statement folds into one line, the next one opens ---
  const chosen = (statement) => $(":checked + span", statement)?.textContent;
  const folded = (statement) => statement.matches(".folded, .closed");

  // a statement opened by its button keeps it, to fold again
  function show(statement, open, again) {
    const change = $(".change", statement),
      answer = chosen(statement),
      held = statement.contains(document.activeElement);
    statement.className = `statement ${open ? (again ? "again" : "") : answer ? "folded" : "closed"}`;
    change.parentNode.hidden = open && !again;
    change.previousSibling.textContent = answer;
    change.textContent = answer ? words.change : words.answer;
    change.setAttribute("aria-label", `${change.textContent}: ${$("legend", statement).textContent}`);
    change.setAttribute("aria-expanded", open);
    if (held && !open) change.focus({ preventScroll: true }); // focus is never hidden
  }
  function next(statement) {
    const all = $$(".statement", statement.parentNode),
      at = all.indexOf(statement);
    return [...all.slice(at), ...all].find((other) => !chosen(other));
  }
  function foldChosen(statement) {
    const following = next(statement),
      goal = !statement.matches(".again") && following;
    if (!told.matches(".stays")) say(`${words.chosen} ${chosen(statement)}`);
    if (goal) {
      show(goal, true);
      goal.tabIndex = -1;
      goal.focus({ preventScroll: true });
    }
    show(statement, false);
    (goal || (following ? statement : statement.parentNode.nextElementSibling)).scrollIntoView({ block: "nearest" });
  }
  on("focusout", (event) => {
    const statement = event.target.closest(".statement"),
      to = event.relatedTarget;
    if (pointing || !to || !statement || statement.contains(to) || folded(statement) || !chosen(statement)) return;
    show(statement, false);
    to.scrollIntoView({ block: "nearest" });
  });

  // --- saving: a state machine (survey_engine/README.md, "One save"); only 204 means saved ---
  const BATCH = 800;
  let state = "idle",
    timer,
    attempt,
    posted,
    leaver,
    failures = 0,
    faults = {};
  const wait = () => Math.min(15000, 1000 * 2 ** failures) * (0.7 + Math.random() * 0.6);
  const judge = (status) =>
    ({ 204: "saved", 409: "conflict", 413: "long", 422: "faulty" })[status] ||
    (status > 399 && status < 500 && ![408, 425, 429].includes(status) ? "refused" : "busy");
  const is = (...states) => states.includes(state);
  function enter(next, delay) {
    state = words.state = next;
    clearTimeout(timer);
    if (is("dirty", "waiting", "held")) timer = setTimeout(is("held") ? () => form().requestSubmit(leaver) : save, delay);
    if (is("leaving") && !failures) timer = setTimeout(warn, 300, words[state]);
    note();
  }
  function touch() {
    number().value++;
    // the first change is sent at once, later ones together
    if (is("idle")) enter("dirty", 0);
    else if (is("dirty", "refused")) enter("dirty", BATCH);
  }
  const warn = (text) => say(text, "stays");
  function fail(next) {
    failures++;
    warn(words[next]);
    enter(next, wait());
  }
  const refuse = () => warn($(".count.fault")?.textContent || words.refused); // says how much too long a text is
  function relieve() {
    failures = 0;
    if (told.matches(".stays")) say(words.saved, "seen");
  }

  function keep(signal) {
    const body = new URLSearchParams(new FormData(form())),
      keepalive = `${body}`.length < 6e4; // browsers send no more than 64 KB
    body.set("wish", "keep");
    if (before) body.set("follows", before.writer);
    return fetch(form().action, { method: "POST", body, keepalive, signal });
  }
  async function save() {
    if (!form()) return;
    enter("saving");
    const own = new AbortController(),
      hung = setTimeout(() => own.abort(), 10000),
      sent = number().value;
    attempt = own;
    let kind, content;
    try {
      const reply = await keep(own.signal);
      kind = judge(reply.status);
      content = kind === "faulty" ? await reply.json() : await reply.text();
    } catch {
      kind = "busy";
    }
    clearTimeout(hung);
    if (attempt === own) answered(kind, content, sent); // else htmx posts the page
  }
  function answered(kind, content, sent) {
    const newer = number().value !== sent;
    faults = kind === "faulty" ? content : {};
    if (kind === "busy") return fail("waiting");
    if (kind === "conflict") return showBoth(content);
    if (newer) enter("dirty", BATCH);
    else enter(kind === "saved" ? "idle" : "refused");
    if (kind === "saved" && !newer) relieve();
    if (kind === "long" || kind === "refused") refuse();
    if (kind === "faulty") say("");
    mark(true);
  }

  // posts the page, which then shows both
  function showBoth(content) {
    enter("conflict");
    if (!content) return refuse();
    form().requestSubmit($(".next"));
  }

  // an error appears when its field loses focus, but not during a press
  let replied;
  function mark(news) {
    replied ||= news;
    if (pressed || !form()) return;
    const anew = replied;
    replied = false;
    for (const field of $$("[id^=f-]", form())) {
      const name = field.id.slice(2),
        text = faults[name],
        id = `fault-${name}`,
        marked = field.matches("[aria-invalid]");
      if (text ? field === document.activeElement : !anew || !marked) continue;
      $(`#${id}`)?.remove();
      $(`#i-${name}`).toggleAttribute("data-faulty", !!text);
      if (!text) {
        field.removeAttribute("aria-invalid");
        continue;
      }
      (field.closest(".field") || field).insertAdjacentHTML("beforebegin", `<p class="fault" id="${id}"></p>`);
      $(`#${id}`).textContent = text;
      if (marked) continue;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", `${id} ${field.getAttribute("aria-describedby") || ""}`);
      warn(words.marked);
    }
  }
  const markSoon = () => setTimeout(mark); // after the focus has moved and the click is done
  on("focusout", markSoon);
  for (const ending of ["pointerup", "pointercancel"])
    on(ending, (event) => {
      if (event.type === "pointerup") tap = down;
      pressed = false;
      markSoon();
    });

  // --- leaving the page sends unsaved changes; a reload continues the previous page's saves ---
  let before = performance.navigation.type === 1 && history.state?.before;
  function note() {
    const busy = !is("idle"),
      writer = form()?.elements.ticket.value.split(".")[3];
    if (writer && busy !== history.state?.before?.busy) history.replaceState({ ...history.state, before: { writer, busy } }, "");
  }
  function flush() {
    if (form() && !is("idle", "refused", "conflict")) keep().catch(() => {});
  }
  on("visibilitychange", () => document.hidden && flush());
  on("pagehide", flush);
  on("beforeunload", (event) => {
    flush(); // a reload requests the page before it hides this one
    if (is("waiting", "refused", "conflict", "held")) event.preventDefault();
  });
  on("online", () => is("waiting", "held") && enter(state, 0));

  // --- next page: htmx posts the page; after a failure it posts the same body again ---
  function hold() {
    if (form()) return fail("held");
    enter("idle");
    say(words.offline, "seen");
  }
  on("htmx:configRequest", (event) => {
    const { parameters, triggeringEvent } = event.detail;
    attempt = null;
    if (!is("held")) failures = 0; // a press does not wait longer for earlier failures
    if (event.target !== form()) return enter("leaving");
    if (!is("held")) number().value++;
    leaver = triggeringEvent.submitter;
    posted = parameters.number = number().value;
    parameters[leaver.name] = leaver.value;
    if (before) parameters.follows = before.writer;
    enter("leaving");
  });
  on("htmx:sendError", hold);
  on("htmx:timeout", hold);
  on("htmx:responseError", (event) => {
    const kind = judge(event.detail.xhr.status),
      long = kind === "long" && $(".count.fault");
    if (kind === "busy" && form()) return hold();
    enter(long ? "refused" : "idle");
    if (long) refuse();
    else event.target.submit(); // the server's page says what to do
  });
  on("htmx:beforeSwap", (event) => {
    if (!form() || number().value === posted || !event.detail.shouldSwap) return;
    event.detail.shouldSwap = false; // changed since it was posted
    enter("held", 0);
  });
  on("htmx:afterSwap", () => {
    leaver = before = null;
    faults = {};
    enter("idle");
    setUp(true);
    draw();
    requestAnimationFrame(() => setTimeout(draw));
  });

  // --- exclusive options, agree to all, characters left, links in the summary ---
  function clearOthers(input) {
    for (const other of $$(`[type=checkbox][name="${input.name}"]:checked`))
      if (other !== input && (input.dataset.alone || other.dataset.alone)) other.checked = false;
  }
  function agree(input) {
    const consent = input.closest(".consent"),
      all = $(".all input", consent);
    if (input === all && all.checked)
      $$("[value=yes]", consent).forEach((yes) => {
        yes.checked = true;
      });
    else if (all && input.value === "no") all.checked = false;
  }
  function measure(area) {
    const left = area.dataset.limit - [...area.value.trim()].length,
      line = area.nextElementSibling;
    line.textContent = words[left < 0 ? "over" : "left"].replace("%(number)s", Math.abs(left));
    line.classList.toggle("fault", left < 0);
  }
  on("input", (event) => {
    const input = event.target,
      statement = input.closest(".statement"),
      following = statement && next(statement);
    if (!input.closest("#answers")) return;
    if (input.matches("textarea")) measure(input);
    if (input.checked) clearOthers(input);
    if (input.closest(".consent")) agree(input);
    if (following && !pointing) show(following, true);
    touch();
  });
  on("click", (event) => {
    const at = event.target,
      statement = at.closest(".statement"),
      link = at.closest(".summary [href^='#']");
    if (at.closest(".change") || (statement && folded(statement))) show(statement, folded(statement), true);
    else if (statement && pointing && at.matches("input")) foldChosen(statement);
    if (at.matches(".undo")) {
      const inputs = $$("input", at.parentNode);
      event.preventDefault();
      for (const input of inputs) input.checked = false;
      inputs[0].focus();
      touch();
    }
    if (!link) return;
    const target = $(link.hash);
    event.preventDefault();
    if (target.matches(".statement")) show(target, true);
    target.scrollIntoView();
    $("input, textarea", target).focus({ preventScroll: true });
  });

  function look(at) {
    at.focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: "instant" });
  }
  function setUp(arrived) {
    told = $("#status");
    words = told.dataset;
    if (!form()) return;
    for (const options of $$(".statement .options"))
      options.insertAdjacentHTML("beforebegin", '<div class="fold"><b></b><button type="button" class="change"></button></div>');
    for (const statement of $$(".statement")) show(statement, statement === next($(".statement", statement.parentNode)));
    $$("textarea").forEach(measure);
    const summary = $("#summary");
    document.documentElement.lang = $("#page").lang;
    enter($("[value=stored]", form()) ? "conflict" : $(".summary.faulty") ? "refused" : "idle");
    if (is("idle") && failures) relieve();
    else say("");
    // the last save may have arrived later: reload once
    if (before?.busy) setTimeout(() => is("idle") && location.reload(), 500);
    if (!arrived && !summary) return;
    look(summary || $("h1"));
    if (!summary && !told.textContent) say($(".left").textContent);
  }
  on("DOMContentLoaded", () => setUp());
})();
