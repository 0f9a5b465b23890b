// The page between the course and the launch: the learning environment or the browser stores a secret.
(() => {
  "use strict";
  const page = document.getElementById("page");
  const { lti, target, origin, key, value, kept } = page.dataset;
  const inside = window.parent !== window;

  // The platform's storage (1EdTech "LTI Client Side postMessages"); null if it does not reply.
  const ask = (subject, more) =>
    new Promise((done) => {
      const id = `${key}${subject}`;
      const give = (found) => {
        removeEventListener("message", hear);
        done(found);
      };
      const hear = ({ origin: from, data }) => {
        if (from === origin && data?.message_id === id && data.subject === `${subject}.response`) give(data.error ? null : data);
      };
      addEventListener("message", hear);
      setTimeout(give, 2000, null);
      try {
        const frame = target === "_parent" ? parent : parent.frames[target];
        frame.postMessage({ subject, message_id: id, key, ...more }, origin);
      } catch {
        give(null); // the frame does not exist
      }
    });
  const keepsCookies = async (tries = 3) => {
    try {
      return (await fetch(kept)).status === 204;
    } catch {
      return tries > 1 && keepsCookies(tries - 1); // perhaps a bad connection
    }
  };
  if (lti === "put") {
    const stored = target && inside ? ask("lti.put_data", { value }) : Promise.resolve(null);
    stored.then(async (done) => {
      if (done || (await keepsCookies())) location.replace(document.getElementById("go").href);
    });
  } else if (lti === "get") {
    const form = document.getElementById("verify");
    ask("lti.get_data").then((found) => {
      if (!found?.value) return;
      form.elements.secret.value = found.value;
      form.submit();
    });
  } else if (lti === "close") {
    (window.opener || parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  }
})();
