// Pages with text fields or exclusive options: characters left, errors at their fields.
(() => {
  "use strict";
  const shared = window.respondent;
  const { $, $$, on, form, say } = shared;

  // --- exclusive options, characters left ---
  function clearOthers(input) {
    for (const other of $$(`[type=checkbox][name="${input.name}"]:checked`))
      if (other !== input && (input.dataset.alone || other.dataset.alone)) other.checked = false;
  }
  function measure(area) {
    const left = area.dataset.limit - [...area.value.trim()].length,
      line = area.nextElementSibling;
    line.textContent = $("#status").dataset[left < 0 ? "over" : "left"].replace("%(number)s", Math.abs(left));
    line.classList.toggle("fault", left < 0);
  }
  on("input", (event) => {
    const input = event.target;
    if (!input.closest("#answers")) return;
    if (input.matches("textarea")) measure(input);
    if (input.checked) clearOthers(input);
  });
  shared.measure = () => $$("textarea").forEach(measure);

  // an error appears when its field loses focus, but not during a press
  let pressed, replied;
  function mark() {
    if (pressed || !form()) return;
    const anew = replied;
    replied = false;
    for (const field of $$("[id^=f-]", form())) {
      const name = field.id.slice(2),
        text = shared.faults?.[name],
        id = `fault-${name}`,
        marked = field.matches("[aria-invalid]");
      if (text ? field === document.activeElement : !anew || !marked) continue;
      shared.remember(performance.now());
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
      say($("#status").dataset.marked, "stays");
    }
  }
  shared.mark = () => {
    replied = true;
    mark();
  };
  on("pointerdown", () => {
    pressed = true;
  });
  const markSoon = () => setTimeout(mark); // after the focus has moved and the click is done
  on("focusout", markSoon);
  for (const ending of ["pointerup", "pointercancel"])
    on(ending, () => {
      pressed = false;
      markSoon();
    });

  shared.fields = true;
  shared.measure();
  mark(); // errors of a reply that was shown before this script was loaded
})();
