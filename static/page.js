// The respondent's pages, which also work without this script. No answer is written to browser storage.
// Pages with questions add answers.js.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, react) => addEventListener(name, react, true);
  const form = () => $("#answers");
  const afterPaint = (react) => requestAnimationFrame(() => setTimeout(react));

  // --- htmx: 409 and 422 are pages too; browser storage gets no addresses ---
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
  const use = (react) => {
    try {
      return react(sessionStorage);
    } catch {
      /* storage is shut */
    }
  };
  const last = use((storage) => storage.tap || "");
  const kept = use((storage) => storage.kept);
  const forget = () => use((storage) => storage.clear());
  forget();
  on("htmx:pushedIntoHistory", forget);

  // --- presses: one belongs to what was painted when it began; the second of a double tap does nothing ---
  // nor does one on what has just come to its place
  const UNSEEN = 250;
  const CONTROLS = "#answers :is(label, button, input, textarea, summary, .folded, .closed):not(.languages *)";
  let stood = []; // before each change: the rectangles of the controls, and when what followed was painted
  function watch(change) {
    change.painted = Infinity;
    afterPaint(() => {
      change.painted = performance.now();
    });
  }
  function remember(time) {
    stood = stood.filter(({ painted }) => time - painted <= UNSEEN);
    stood.push({ places: new Map($$(CONTROLS).map((control) => [control, control.getBoundingClientRect()])) });
    watch(stood.at(-1));
  }
  function moved({ target, x, y }, { timeStamp }) {
    const control = target.closest("#answers label") || target.closest(CONTROLS); // Firefox clicks the label's input, too
    const covers = ({ left, right, top, bottom } = {}) => x >= left && x <= right && y >= top && y <= bottom;
    return control && stood.some(({ painted, places }) => timeStamp - painted <= UNSEEN && !covers(places.get(control)));
  }
  const forgive = () => {
    stood = [];
  };
  on("beforeinput", (event) => remember(event.timeStamp));
  for (const scrolled of ["wheel", "pointercancel"]) on(scrolled, forgive); // aims anew
  let again,
    drawn,
    seen = Infinity, // the first paint
    down = {},
    tap = down; // the last press that did not scroll, also of the document before
  if (last !== "") {
    const [x, y] = `${last}`.split(" "); // without storage it may have been anywhere
    tap = { x, y };
  }
  on("pagehide", () => tap.x && use((storage) => (storage.tap = `${tap.x} ${tap.y}`)));
  on("pointerdown", (event) => {
    again = event.timeStamp - tap.timeStamp <= 700 && !(Math.hypot(event.x - tap.x, event.y - tap.y) > 24);
    if (event.target === tap.target && event.timeStamp - drawn > 2000 && tap.target.matches(".next")) again = false; // means it
    again ||= moved(event, event);
    if (again && event.target !== tap.target) event.preventDefault();
    down = event;
    remember(event.timeStamp);
  });
  on("click", (event) => {
    if (!event.detail) return; // no pointer: key or assistive technology
    again ||= moved(event, down); // since the press began
    if (!(again || down.timeStamp < drawn)) {
      if (stood.length) watch(stood.at(-1)); // what it changes, it changes now
      return;
    }
    if (again) shared.sums[2]++;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  const draw = () => {
    drawn = Infinity;
    afterPaint(() => {
      drawn = performance.now();
      seen = Math.min(seen, drawn);
      // a second press may come just after the page
      if ("x" in tap) tap = { x: tap.x, y: tap.y, target: tap.target, timeStamp: drawn };
    });
  };
  on("pointerup", () => {
    // a page not yet laid out has another scale; a press that began on the page before ends on this one
    if (down.timeStamp > seen) tap = { x: down.x, y: down.y, target: down.target, timeStamp: Math.max(down.timeStamp, drawn) };
  });
  draw();
  on("DOMContentLoaded", () => seen < Infinity && remember(performance.now())); // a late answers.js folds what is seen
  // on what has come into the document nothing has stood
  const redraw = () => {
    stood = [{ places: new Map() }];
    watch(stood[0]);
    draw();
  };

  // --- live region: hidden, seen for a while, or stays until the next text ---
  let silence;
  function say(text, sight = "hidden") {
    const line = $("#status");
    line.textContent = text;
    line.className = sight;
    clearTimeout(silence);
    if (text && sight !== "stays") silence = setTimeout(say, 4000, "");
  }

  // --- scripts that only some pages need ---
  const shared = { $, $$, on, form, say, redraw, load, remember, use, kept, sums: [] };
  window.respondent = shared;
  const place = document.currentScript.src;
  function load(name) {
    if (shared[name] || $(`script[src*=${name}]`)) return;
    const script = document.createElement("script");
    script.src = place.replace("script.js", `${name}.js`);
    script.onerror = () => script.remove(); // the next page tries again
    document.head.append(script);
  }

  if (parent !== window) {
    load("frame");
    use(() => $(".forgets")?.remove()); // this tab keeps the place
  }
  // its ancestors scroll a frame as high as its page
  shared.rise = () => {
    document.documentElement.scrollIntoView({ behavior: "instant" });
    shared.tell?.("lti.scrollToTop");
  };

  // --- pages without answers.js ---
  let slow;
  const settle = (text, sight) => {
    if (slow) say(text, sight);
    clearTimeout(slow);
    slow = 0;
  };
  // the history names no page that was left: it may tell an answer
  const hide = () => {
    document.title = document.title.split(" – ").pop();
  };
  on("pagehide", hide);
  const fail = () => settle($("#status").dataset.offline, "seen");
  on("htmx:configRequest", (event) => {
    if (matchMedia("(min-width:76rem)").matches) event.detail.headers.Wide = 1; // then the page lists its parts
    if (shared.answers && event.target === form()) return;
    event.detail.parameters.width = innerWidth;
    load("answers"); // it comes with the first page that needs it
    slow = setTimeout(say, 300, $("#status").dataset.leaving, "stays");
  });
  on("htmx:sendError", fail);
  on("htmx:timeout", fail);
  on("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap) return;
    if (/id="page/.test(detail.serverResponse)) return hide();
    detail.shouldSwap = false; // a network's own page: no reply
    dispatchEvent(new Event("htmx:timeout"));
  });
  on("htmx:responseError", (event) => slow && event.target.submit()); // the server's page says what to do
  on("htmx:afterSwap", () => {
    settle("");
    if (form()) load("answers");
    else $("h1").focus();
    redraw();
  });
})();
