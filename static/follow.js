// Pages with follow-ups: questions and statements that open when an answer on the same page makes their condition true.
// The server writes the conditions as data, and evaluates them itself at each post.
(() => {
  "use strict";
  const shared = window.respondent;
  const { $, $$, on, form, say } = shared;

  // --- values: only open fields count; undefined is empty ---
  function read(code) {
    const name = `q.${code}`,
      values = new FormData(form()).getAll(name).filter((value) => value.trim());
    if (!values.length) return undefined;
    return $(`[type=checkbox][name="${name}"]`) ? values : values[0].trim();
  }
  const equal = (left, right) => left !== undefined && right !== undefined && `${left}` === `${right}`;
  const contains = (list, one) => one !== undefined && Array.isArray(list) && list.map(String).includes(`${one}`);
  const number = (value) => (/^-?\d+/.test(value) ? parseInt(value, 10) : NaN); // comparisons with NaN are false

  // --- conditions: [word or sign, ...operands], as survey_engine/model/conditions.py evaluates them ---
  const kinds = {
    name: read,
    count: (code) => read(code)?.length ?? 0,
    value: (value) => value,
    answered: (code) => read(code) !== undefined,
    not: (part) => !test(part),
    and: (...parts) => parts.every(test),
    or: (...parts) => parts.some(test),
    "==": (left, right) => equal(test(left), test(right)),
    "!=": (left, right) => !equal(test(left), test(right)),
    "<": (left, right) => number(test(left)) < number(test(right)),
    "<=": (left, right) => number(test(left)) <= number(test(right)),
    ">": (left, right) => number(test(left)) > number(test(right)),
    ">=": (left, right) => number(test(left)) >= number(test(right)),
    in: (one, list) => contains(test(list), test(one)),
    "not in": (one, list) => !contains(test(list), test(one)),
  };
  function test([kind, ...operands]) {
    return kinds[kind](...operands);
  }

  // in reading order: a follow-up that closes is empty for the conditions after it
  shared.unfold = () => {
    let opened, closed;
    for (const part of $$("[data-when]", form())) {
      const asked = test(JSON.parse(part.dataset.when));
      if (asked && part.disabled) opened = true;
      if (!asked && !part.disabled) closed = true;
      part.disabled = part.hidden = !asked;
    }
    const { more, fewer } = $("#status").dataset;
    if (opened || closed) say(opened ? more : fewer);
  };
  on("change", (event) => event.target.closest("#answers") && shared.unfold()); // after exclusive options
  shared.follow = true;
  shared.remember(performance.now());
  shared.unfold();
})();
