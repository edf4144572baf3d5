// While steps are done the page is asked for again, and what changed of it is put in its place: no reload, no jump.
// Without this file somebody presses "look again".

const EVERY_MS = 1000;

async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return;
    for (const part of ["main", "bar"]) {
      const now = document.getElementById(part), then = page.getElementById(part);
      if (now.innerHTML !== then.innerHTML) now.replaceChildren(...then.childNodes);
    }
  } catch { /* it is asked again */ } finally {
    wait();
  }
}

function wait() {
  if (document.querySelector("[data-working]")) setTimeout(look, EVERY_MS);
}

wait();
