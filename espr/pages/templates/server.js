"use strict";
// The server of these pages. When it is gone, the page says so, asks again, and goes on when it is back.
const server = (() => {
  const AGAIN = 1000; // ms between questions
  const notice = document.getElementById("gone");
  const waiting = []; // what goes on then
  let timer = 0;
  let swaps = 0;

  // As fetch; null where nobody answers, or a server that does not know this browser yet.
  async function ask(address, options) {
    const answer = await fetch(address, options).catch(() => null);
    if (answer && answer.status !== 403) return answer;
    notice.textContent = answer
      ? "ESPR was started again: open the address that it printed. This page then goes on."
      : "ESPR does not answer. Start it again: espr serve. This page then goes on.";
    timer ||= setTimeout(look, AGAIN);
    return null;
  }

  async function look() {
    timer = 0;
    if (!(await ask("/reading"))) return;
    notice.textContent = "";
    for (const action of waiting.splice(0)) action();
  }

  // The ranking of another page in the place of this one's; what plays goes on.
  async function swap(address) {
    const turn = (swaps += 1);
    const answer = await ask(address);
    if (!answer) {
      waiting.push(() => turn === swaps && swap(address));
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const ranking = page.getElementById("ranking");
    if (turn !== swaps || !ranking) return;
    document.dispatchEvent(new Event("espr:leave"));
    document.getElementById("ranking").replaceWith(ranking);
    history.replaceState(null, "", address);
    document.dispatchEvent(new Event("espr:takes"));
  }

  return { ask, swap, whenBack: (action) => waiting.push(action) };
})();
