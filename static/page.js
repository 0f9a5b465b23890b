// The respondent's pages, which also work without this script. No answer is written to browser storage.
// Pages with questions also load answers.js.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, react) => addEventListener(name, react, true);
  const form = () => $("#answers");
  const afterPaint = (react) => requestAnimationFrame(() => setTimeout(react));

  // --- htmx: replies 409 and 422 are shown as pages too; no address is stored in the browser ---
  Object.assign(htmx.config, {
    historyEnabled: window === top,
    historyCacheSize: 0,
    defaultSettleDelay: 0, // so that htmx processes new buttons at once
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
      /* browser storage is not available */
    }
  };
  const kept = use((storage) => storage.kept);
  const returned = use((storage) => storage.returned);
  // response and slug → writers of this tab's documents that were left during a save; empty in a duplicate of an open tab
  const left = JSON.parse(use((storage) => storage.left) || "{}");
  const forget = () => use((storage) => storage.clear());
  on("htmx:pushedIntoHistory", forget);

  // --- presses: a press counts for the page that was painted when it began; the second press of a double tap is ignored, ---
  // and so is a press on a control that has just moved under the finger
  const UNSEEN = 250;
  const CONTROLS = "main :is(a, label, button, input, textarea, summary, .folded, .closed):not(.languages *)";
  let stood = []; // for each change: the rectangles of the controls before it, and the time at which the change was painted
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
  // new content, such as a document: no control was there before, for presses that begin after `since`
  function renew(since) {
    stood = [{ places: new Map(), since }];
    watch(stood[0]);
  }
  const find = (target) => target.closest("main label") || target.closest(CONTROLS); // Firefox clicks the label's input, too
  function moved(control, { x, y, timeStamp }) {
    const covers = ({ left, right, top, bottom } = {}) => x >= left && x <= right && y >= top && y <= bottom;
    const isNew = ({ painted, places, since }) =>
      !(timeStamp < since) && timeStamp - painted <= UNSEEN && !covers(places.get(control));
    return control && stood.some(isNew);
  }
  // repeated presses on one spot must not press Stop or Back, or leave the private key
  const LEAVING = "[value=stop], [value=back], .proof ~ * a, #undo *";
  const leaves = (target, { pause }) =>
    pause <= 3000 && target.closest(LEAVING) && (!target.value || target.value !== used?.value);
  on("beforeinput", (event) => remember(event.timeStamp));
  for (const size of [window, window.visualViewport]) size?.addEventListener("resize", () => renew(performance.now() - 50)); // a keyboard
  const isFar = (one, { x, y }) => Math.hypot(x - one.x, y - one.y) > 24;
  const presses = new Map(); // pointer → its press: fingers overlap
  let drawn,
    used, // the last control that was pressed
    seen = Infinity, // time of the first paint
    press = {}, // the last press
    taps = []; // the presses of the last 3 s that did not scroll, oldest first, earlier documents included
  const origin = performance.timeOrigin;
  // a finger that is still down is lifted in the next document, which did not get the start of the press
  const keep = () => {
    const all = press.held ? [...taps, press] : taps;
    use((storage) => (storage.tap = all.map((tap) => `${tap.x} ${tap.y} ${tap.timeStamp + origin}`).join()));
  };
  on("pagehide", () => {
    keep();
    use((storage) => (storage.left = JSON.stringify(left)));
  });
  const lift = (pointerId) => Object.assign(presses.get(pointerId) || {}, { held: false });
  on("pointerdown", (event) => {
    const { x, y, target, timeStamp, pointerId } = event,
      control = find(target);
    const tap = taps.findLast((one) => !isFar(one, event));
    const pause = tap ? timeStamp - tap.timeStamp : Infinity;
    let again = pause <= 700 && !tap.left;
    if (target === tap?.target && timeStamp - drawn > 2000 && target.matches(".next")) again = false; // the press is intended
    again ||= moved(control, event);
    if (again && target !== tap?.target) event.preventDefault();
    remember(timeStamp);
    press = { x, y, target, control, timeStamp, again, pause, held: true, change: stood.at(-1) };
    presses.set(pointerId, press);
    if (presses.size > 9) presses.delete(presses.keys().next().value);
  });
  // scrolling moves the remembered rectangles
  on("wheel", () => {
    stood = [];
  });
  on("pointercancel", ({ pointerId }) => {
    stood = stood.filter((change) => change !== lift(pointerId).change);
  });
  on("click", (event) => {
    // Safari's click has no pointer id: take the last press on its spot
    const down = presses.get(event.pointerId) || [...presses.values()].findLast((one) => !isFar(one, event)) || press;
    if (!event.detail) return; // no pointer: key or assistive technology
    const control = find(event.target); // a finger may touch just beside the control
    const again = down.again || (control !== down.control && moved(control, down)) || leaves(event.target, down);
    if (!(again || down.timeStamp < drawn)) {
      if (stood.length) watch(stood.at(-1)); // the changes of this press happen now
      used = event.target;
      if (used.closest("a, button")) keep(); // a new document may start before this one ends
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
      // a second press may follow just after the new page; presses before the last one were meant for the previous page
      const last = taps.pop();
      taps = taps.map((tap) => ({ ...tap, left: true }));
      if (last) taps.push({ ...last, timeStamp: drawn });
    });
  };
  on("pointerup", ({ pointerId, timeStamp }) => {
    const down = lift(pointerId);
    if (!(down.timeStamp > seen)) return; // before the layout, coordinates have another scale
    // measured from the lift of a slow finger; from the new page, if the press began on the previous page
    const from = Math.max(down.timeStamp, timeStamp - 100, drawn);
    taps = [...taps.filter((tap) => timeStamp - tap.timeStamp <= 3000), { ...down, timeStamp: from }];
  });
  on("DOMContentLoaded", () => {
    if (returned) $("h1").focus();
    if (seen < Infinity) remember(performance.now()); // a late answers.js folds visible statements
  });
  const redraw = () => {
    renew();
    draw();
    setTimeout(() => $("#undo")?.remove(), 60000); // by then, the next person may see it
  };
  // a new document, or one from the browser's cache: presses may be meant for the previous document, whose last tap is stored
  const arrive = () => {
    const last = use((storage) => storage.tap || "");
    forget();
    if (last !== "") {
      taps = `${last}`.split(",").map((tap) => {
        const [x, y, time] = tap.split(" ").map(Number); // without storage, the last tap may have been anywhere
        return { x, y, timeStamp: time - origin };
      });
    }
    redraw();
  };
  arrive();
  on("pageshow", ({ persisted }) => persisted && arrive());
  on("popstate", ({ state }) => state?.htmx && use((storage) => (storage.returned = 1))); // htmx reloads the page

  // --- live region: hidden, visible for a while, or visible until the next text ---
  let silence;
  function say(text, sight = "hidden") {
    const line = $("#status");
    line.textContent = text;
    line.className = sight;
    clearTimeout(silence);
    if (text && sight !== "stays") silence = setTimeout(say, 4000, "");
  }

  // --- scripts that only some pages need ---
  const shared = { $, $$, on, form, say, redraw, load, remember, use, kept, left, sums: [] };
  window.respondent = shared;
  const place = document.currentScript.src;
  function load(name) {
    if (shared[name] || $(`script[src*=${name}]`)) return;
    const script = document.createElement("script");
    script.src = place.replace("script.js", `${name}.js`);
    script.onerror = () => script.remove(); // the next page tries to load it again
    document.head.append(script);
  }

  if (parent !== window) {
    load("frame");
    use(() => $(".forgets")?.remove()); // this tab remembers the page
  }
  // a frame as high as its page is scrolled by the pages around it
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
  // the history must not show the titles of pages that were left: a title may reveal an answer
  const hide = () => {
    document.title = document.title.split(" – ").pop();
  };
  on("pagehide", hide);
  const fail = () => settle($("#status").dataset.offline, "seen");
  on("htmx:configRequest", (event) => {
    if (matchMedia("(min-width:76rem)").matches) event.detail.headers.Wide = 1; // then the server adds the list of parts
    if (shared.answers && event.target === form()) return;
    event.detail.parameters.width = innerWidth;
    load("answers"); // it is loaded with the first page that needs it
    slow = setTimeout(say, 300, $("#status").dataset.leaving, "stays");
  });
  on("htmx:sendError", fail);
  on("htmx:timeout", fail);
  on("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap) return;
    if (/id="page/.test(detail.serverResponse)) return hide();
    detail.shouldSwap = false; // a page of the network, such as a Wi-Fi login, is no reply of the server
    dispatchEvent(new Event("htmx:timeout"));
  });
  on("htmx:responseError", (event) => slow && event.target.submit()); // the server's error page says what to do
  on("htmx:afterSwap", () => {
    settle("");
    if (form()) load("answers");
    else $("h1").focus();
    redraw();
  });
})();
