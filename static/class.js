// The class page: loads its totals and timer again, twice a minute.
(() => {
  "use strict";
  const name = "counts";
  const renew = async () => {
    const shown = document.getElementById(name);
    if (document.hidden || shown.contains(document.activeElement)) return;
    try {
      const reply = await fetch(location.href);
      const read = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById(name);
      if (reply.ok && read) shown.replaceWith(read);
    } catch {
      /* no connection: try again next time */
    }
  };
  setInterval(renew, 30000);
})();
