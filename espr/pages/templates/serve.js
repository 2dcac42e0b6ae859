"use strict";
// A served page: how words are read while they are typed, and a ranking that follows the sliders.
// Without this script the form asks for a new page.
(() => {
  const form = document.getElementById("query");
  if (!form) return;
  const words = document.getElementById("words");
  const reading = document.getElementById("reading");
  const completions = document.getElementById("completions");
  const sliders = [...form.querySelectorAll("input[type=range]")];

  function soon(action, delay) {
    let timer = 0;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(action, delay);
    };
  }

  function fields() {
    const found = new URLSearchParams(new FormData(form));
    for (const slider of sliders) if (Number(slider.value) === 0) found.delete(slider.name);
    if (!words.value.trim()) found.delete("words");
    return found;
  }

  async function read() {
    const typed = words.value;
    const query = new URLSearchParams({ words: typed, piece: form.dataset.piece });
    const answer = await server.ask(`/reading?${query}`);
    if (!answer?.ok || typed !== words.value) return;
    const found = await answer.json();
    reading.textContent = found.lines.join(" · ");
    completions.replaceChildren(
      ...found.completions.map((text) => {
        const option = document.createElement("option");
        option.value = text;
        return option;
      }),
    );
  }

  async function rank() {
    await server.swap(`${form.getAttribute("action")}?${fields()}`);
    reading.textContent = "";
  }

  words.addEventListener("input", soon(read, 150));
  const rankSoon = soon(rank, 200);
  for (const slider of sliders) slider.addEventListener("input", rankSoon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    rank();
  });
  document.getElementById("level").addEventListener("click", () => {
    for (const slider of sliders) slider.value = 0;
    rank();
  });
})();
