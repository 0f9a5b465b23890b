// Pages with questions: folding, saving, Next. Only some pages also need fields.js and follow.js.
(() => {
  "use strict";
  const shared = window.respondent;
  const { $, $$, on, form, say, load } = shared;
  const number = () => form().elements.number;
  let told, words;

  // --- presses ---
  let pointing; // only a choice by pointer folds at once, because arrow keys choose every option that they pass
  on("pointerdown", () => {
    pointing = true;
  });
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

  // --- folding: an answered statement folds into one line, the next one opens ---
  const chosen = (statement) => $(":checked + span", statement)?.textContent;
  const folded = (statement) => statement.matches(".folded, .closed");

  const tell = (text) => told.matches(".stays") || say(text);

  // a statement that was opened by its button keeps the button, to fold again
  function show(statement, open, again) {
    const change = $(".change", statement),
      answer = chosen(statement),
      held = statement.contains(document.activeElement);
    statement.className = `statement ${open ? (again ? "again" : "") : answer ? "folded" : "closed"}`;
    change.parentNode.hidden = open && !again;
    change.previousSibling.textContent = answer;
    change.textContent = answer ? words.change : words.answer;
    change.setAttribute(
      "aria-label",
      [change.textContent, $("legend", statement).textContent, answer].filter(Boolean).join(": "),
    );
    change.setAttribute("aria-expanded", open);
    if (held && !open) change.focus({ preventScroll: true }); // the focused element must not be hidden
  }
  function next(statement) {
    const all = $$(".statement", statement.parentNode),
      at = all.indexOf(statement);
    return [...all.slice(at), ...all].find((other) => !chosen(other) && !other.disabled);
  }
  function foldChosen(statement) {
    shared.unfold?.();
    const following = next(statement),
      goal = !statement.matches(".again") && following;
    tell(`${words.chosen} ${chosen(statement)}`);
    if (goal) {
      show(goal, true);
      goal.tabIndex = -1;
      goal.focus({ preventScroll: true });
    }
    show(statement, false);
    const after = $$(".question, .go", form()).find((part) => statement.compareDocumentPosition(part) & 4 && part.offsetParent);
    (goal || (following ? statement : after)).scrollIntoView({ block: "nearest" });
  }
  on("focusout", (event) => {
    const statement = event.target.closest(".statement"),
      to = event.relatedTarget;
    if (pointing || !to || !statement || statement.contains(to) || folded(statement) || !chosen(statement)) return;
    show(statement, false);
    to.scrollIntoView({ block: "nearest" });
  });

  // --- paradata: totals of visible seconds, changes and ignored taps ---
  let since;
  function measure() {
    const field = form()?.elements.paradata,
      now = performance.now(),
      { sums } = shared;
    if (!field) return;
    sums[0] += Math.min(3600, (now - since) / 1000) || 0;
    since = document.hidden ? NaN : now;
    field.value = sums.map(Math.round).join(" ");
  }
  on("change", (event) => {
    if (!event.target.closest("#answers")) return;
    shared.sums[1]++;
    if (typing && is("dirty")) enter("dirty", 0);
    typing = 0;
  });

  // --- saving: a state machine (survey_engine/README.md, "One save"); only 204 means saved ---
  const BATCH = 800;
  let state = "idle",
    timer,
    attempt,
    posted,
    leaver,
    typing,
    changes = 0,
    counted = 0, // the changes that the number of a post includes
    failures = 0,
    unloads = -Infinity; // when this document began to unload
  const changed = new Set(); // names of the variables that this document changed
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
  function touch(field) {
    typing = field.inputMode === "numeric" ? 1e4 : 0; // wait longer for numbers: the first digits are another valid number
    shared.unfold?.();
    changes++;
    changed.add(field.name.slice(2));
    if (field.closest(".panel")) counted++; // typing in an address field is not counted, so that no stored number reveals it
    // the first change is sent at once, later changes together
    if (is("idle")) enter("dirty", typing);
    else if (is("dirty", "refused")) enter("dirty", typing || BATCH);
  }
  // the server ignores a post that arrives after a post with a higher number
  function count() {
    if (counted === changes) return; // the same body again
    number().value++;
    counted = changes;
    measure();
  }
  const warn = (text) => say(text, "stays");
  function fail(next) {
    failures++;
    warn(words[next]);
    enter(next, wait());
  }
  const refuse = () => warn($(".count.fault")?.textContent || words.refused); // e.g. by how much a text is too long
  function relieve() {
    failures = 0;
    if (told.matches(".stays")) say(words.saved, "seen");
  }

  // earlier documents may have been the last to change the values that this document did not change
  function follow(set) {
    if (!before) return;
    set("follows", before.writer);
    set("changed", [...changed].join(" "));
  }
  function keep(signal) {
    count();
    const page = form(),
      body = new URLSearchParams(new FormData(page)),
      keepalive = `${body}`.length < 6e4; // browsers send no more than 64 KB
    body.set("wish", "keep");
    follow((name, value) => body.set(name, value));
    return fetch(page.action, { method: "POST", body, keepalive, signal }).then((reply) => {
      const ticket = reply.headers.get("ticket"); // a new ticket, which may hide the answers from before a pause
      if (ticket) page.elements.ticket.value = ticket;
      return reply;
    });
  }
  async function save() {
    if (!form()) return;
    enter("saving");
    const own = new AbortController(),
      hung = setTimeout(() => own.abort(), 10000),
      sent = changes;
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
    const newer = changes !== sent;
    shared.faults = kind === "faulty" ? content : {};
    if (kind === "busy") return fail("waiting");
    if (kind === "conflict") return showBoth(content);
    if (newer) enter("dirty", typing || BATCH);
    else enter(kind === "saved" ? "idle" : "refused");
    if (kind === "saved" && !newer) relieve();
    if (kind === "long" || kind === "refused") refuse();
    if (kind === "faulty") say("");
    shared.mark?.();
  }

  // posts the page; the reply shows both versions
  function showBoth(content) {
    enter("conflict");
    if (!content) return refuse();
    form().requestSubmit($(".next"));
  }

  // --- leaving the page sends unsaved changes; after a reload or return, a document continues the saves of earlier documents ---
  let here, before;
  const read = () => form()?.elements.ticket.value.split(".") || []; // response, slug, save count, writer
  function take(arrived) {
    if (arrived) delete shared.left[here]; // a reply has arrived
    here = read().slice(0, 2).join(".");
    before = shared.left[here] || (!arrived && performance.navigation.type === 1 && history.state?.before);
  }
  function note() {
    const busy = !is("idle"),
      writer = [...(before?.writer || "").split(" "), read()[3]].slice(-9).join(" ").trim();
    if (!here) return;
    if (busy || before) shared.left[here] = { writer, busy };
    else delete shared.left[here];
    if (busy !== history.state?.before?.busy) history.replaceState({ ...history.state, before: { writer, busy } }, "");
  }
  // the last save may arrive after the server rendered this document: reload after it; not in a frame, whose address is another page
  const fetchCount = () =>
    fetch(location)
      .then((reply) => reply.text())
      .then((text) => $("#answers [name=ticket]", new DOMParser().parseFromString(text, "text/html")).value.split(".")[2]);
  function catchUp(delay) {
    setTimeout(async () => {
      const count = window === top && !changes ? await fetchCount().catch(() => read()[2]) : "";
      if (changes) return; // this document will save itself
      if (is("idle") && count !== read()[2]) location.reload();
      else if (delay < 9000) catchUp(delay * 2);
    }, delay);
  }
  function flush() {
    if (form() && !is("idle", "refused", "conflict")) keep().catch(() => {});
  }
  on("visibilitychange", () => {
    measure();
    if (document.hidden) flush();
  });
  on("pagehide", flush);
  on("beforeunload", (event) => {
    flush(); // a reload sends its request before this document is hidden
    unloads = performance.now();
    if (is("waiting", "refused", "conflict", "held")) event.preventDefault();
  });
  on("pageshow", () => {
    unloads = -Infinity; // Back has restored this document
  });
  on("online", () => is("waiting", "held") && enter(state, 0));

  // --- next page: htmx posts the page; after a failure it posts the same body again ---
  const hold = () => leaver && fail("held");
  on("htmx:configRequest", (event) => {
    const { parameters, triggeringEvent } = event.detail;
    if (event.target !== form()) return;
    attempt?.abort(); // the post has everything that the background save would store
    attempt = null;
    if (!is("held")) failures = 0; // earlier failures do not delay a press
    if (!is("held")) changes++;
    count();
    leaver = triggeringEvent.submitter;
    posted = changes;
    parameters.number = number().value;
    parameters.paradata = form().elements.paradata.value;
    parameters[leaver.name] = leaver.value;
    follow((name, value) => (parameters[name] = value));
    enter("leaving");
  });
  on("htmx:sendError", hold);
  on("htmx:timeout", hold);
  on("htmx:responseError", (event) => {
    const kind = judge(event.detail.xhr.status),
      long = kind === "long" && $(".count.fault");
    if (!leaver) return;
    if (kind === "busy") return hold();
    enter(long ? "refused" : "idle");
    if (long) refuse();
    else event.target.submit(); // the server's error page says what to do
  });
  // a redirect means that the posted answers are stored
  on("htmx:beforeOnLoad", ({ detail }) => {
    if (leaver && changes === posted && detail.xhr.getResponseHeader("HX-Redirect")) enter("idle");
  });
  on("htmx:beforeSwap", (event) => {
    const unloading = performance.now() - unloads < 10000; // a swap would remove the writer that the history entry needs
    if (!leaver || (!unloading && changes === posted) || !event.detail.shouldSwap) return;
    event.detail.shouldSwap = false; // or the page was changed after it was posted
    if (unloading) timer = setTimeout(() => form().requestSubmit(leaver), 10000);
    else enter("held", 0);
  });
  on("htmx:afterSwap", () => {
    leaver = null;
    shared.faults = {};
    setUp(true);
  });

  // --- answers, links in the summary ---
  on("input", (event) => {
    const input = event.target,
      statement = input.closest(".statement"),
      following = statement && next(statement);
    if (!input.closest("#answers")) return;
    if (following && !pointing) show(following, true);
    touch(input);
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
      tell(words.cleared);
      shared.sums[1]++;
      touch(inputs[0]);
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
    shared.rise();
  }
  function setUp(arrived) {
    told = $("#status");
    words = told.dataset;
    take(arrived);
    if (!form()) return enter("idle");
    shared.sums = (form().elements.paradata.value || "0 0 0").split(" ").map(Number);
    since = NaN;
    measure();
    for (const options of $$(".statement .options"))
      options.insertAdjacentHTML("beforebegin", '<div class="fold"><b></b><button type="button" class="change"></button></div>');
    for (const statement of $$(".statement")) show(statement, statement === next($(".statement", statement.parentNode)));
    if ($("[id^=f-], [data-alone]")) load("fields");
    if ($("[data-when]")) load("follow");
    shared.measure?.();
    const summary = $("#summary");
    document.documentElement.lang = $("#page").lang;
    enter($("[value=stored]", form()) ? "conflict" : $(".summary.faulty") ? "refused" : "idle");
    if (is("idle") && failures) relieve();
    else say("");
    // questions that were answered before this script was loaded
    for (const field of form().elements)
      if (/^q\./.test(field.name) && (field.checked !== field.defaultChecked || field.value !== field.defaultValue)) touch(field);
    if (before?.busy) catchUp(500);
    if (!arrived && !summary) return;
    look(summary || $("h1"));
    if (!summary && !told.textContent) say($(".left").textContent);
  }
  shared.answers = true;
  if (document.currentScript.async) {
    setUp(true); // the page may have been loaded before this script
    shared.redraw();
  } else on("DOMContentLoaded", () => setUp());
})();
