// The questionnaire in a frame of another site, where browsers keep no cookie: height, the browser's Back, reloads.
(() => {
  "use strict";
  const shared = window.respondent;
  const { $, on, form, use, kept } = shared;

  // --- asks the learning environment to make the frame as high as its page ---
  const root = document.documentElement;
  shared.tell = (subject, height) => parent.postMessage(JSON.stringify({ subject, height }), "*");
  new ResizeObserver(() => shared.tell("lti.frameResize", root.offsetHeight)).observe(root);

  // --- the browser's Back presses the page's Back, by an extra entry in the history ---
  const back = () => $(".go [value=back]:not([hidden])", form() || document.createElement("form"));
  on("htmx:afterSwap", () => {
    if (back() && !history.state?.back) history.pushState({ ...history.state, back: true }, "");
  });
  on("popstate", () => !history.state?.back && back()?.click());

  // --- a reload of a frame shows the start page of an open link, so this tab stores the ticket of the unloaded page for a moment ---
  const RELOAD = 15000; // after that, another person may use the device
  on("pagehide", () =>
    use((storage) => {
      const page = form();
      storage.kept = page ? JSON.stringify([location.pathname, Date.now(), page.action, page.elements.ticket.value]) : "";
    }),
  );
  const [path, time, action, ticket] = JSON.parse(kept || "[]");
  if (path !== location.pathname || !path.startsWith("/q/") || Date.now() - time > RELOAD || !$("main.start")) return;
  const again = document.createElement("form");
  Object.assign(again, { method: "post", action });
  again.setAttribute("hx-post", action);
  again.setAttribute("hx-disabled-elt", "this");
  for (const [name, value] of Object.entries({ ticket, wish: "stored" }))
    again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  $("main").append(again);
  htmx.process(again);
  again.requestSubmit();
})();
