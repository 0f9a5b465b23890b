// The questionnaire in a frame of another site, where browsers keep no cookie: height, the browser's Back, reloads.
(() => {
  "use strict";
  const shared = window.respondent;
  const { $, on, form, use, kept } = shared;

  // --- the learning environment makes the frame as high as its page ---
  const root = document.documentElement;
  shared.tell = (subject, height) => parent.postMessage(JSON.stringify({ subject, height }), "*");
  new ResizeObserver(() => shared.tell("lti.frameResize", root.offsetHeight)).observe(root);

  // --- the browser's Back presses the page's: an entry of the history before which there is a page ---
  const back = () => $(".go [value=back]:not([hidden])", form() || document.createElement("form"));
  on("htmx:afterSwap", () => {
    if (back() && !history.state?.back) history.pushState({ ...history.state, back: true }, "");
  });
  on("popstate", () => !history.state?.back && back()?.click());

  // --- a reload shows the start page of an open link: for a moment, this tab keeps the ticket of the page that goes ---
  const RELOAD = 15000; // whoever comes later may be another person
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
