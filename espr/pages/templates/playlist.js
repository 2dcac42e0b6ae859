"use strict";
// The playlist: keys of performances in order, which this browser keeps for this library.
(() => {
  const library = document.body.dataset.library;
  if (!library) return;
  const place = `espr ${library}`;
  const link = document.getElementById("playlist-link");
  const isPlaylist = location.pathname === "/playlist";
  let chosen = [];

  function read() {
    const asked = new URLSearchParams(location.search).get("takes") ?? "";
    try {
      chosen = [...(JSON.parse(localStorage.getItem(place)) ?? [])];
    } catch {
      chosen = isPlaylist ? asked.split(",") : chosen; // the browser keeps nothing: the address does
    }
    chosen = chosen.filter((key) => /^\d+-[\da-f]*$/.test(key));
    show();
    if (isPlaylist && asked !== chosen.join(",")) server.swap(link.href);
  }

  function keep(keys) {
    chosen = keys;
    try {
      localStorage.setItem(place, JSON.stringify(keys));
    } catch {
      // the link to the playlist holds it
    }
    show();
    if (isPlaylist) server.swap(link.href);
  }

  function show() {
    const takes = chosen.length ? `?takes=${chosen.join(",")}` : "";
    link.hidden = false;
    link.textContent = chosen.length ? `Playlist (${chosen.length})` : "Playlist";
    link.href = `/playlist${takes}`;
    for (const take of document.querySelectorAll(".take[data-id]")) {
      const part = take.querySelector(".collect") ?? addButtons(take);
      for (const button of part.children) name(button, take);
    }
  }

  function addButtons(take) {
    const part = document.createElement("p");
    part.className = "collect identity";
    for (const action of isPlaylist ? ["up", "down", "out"] : ["toggle"]) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.action = action;
      button.addEventListener("click", () => act(action, take));
      part.append(button);
    }
    take.querySelector(".hear").append(part);
    return part;
  }

  function name(button, take) {
    const isIn = chosen.includes(take.dataset.id);
    button.textContent = {
      toggle: isIn ? "Remove from the playlist" : "Add to the playlist",
      up: "Move up",
      down: "Move down",
      out: "Remove",
    }[button.dataset.action];
    button.setAttribute("aria-label", `${button.textContent}: ${nameOf(take)}`);
  }

  const nameOf = (take) => take.querySelector(".name").textContent;

  function act(action, take) {
    const key = take.dataset.id;
    const others = chosen.filter((one) => one !== key);
    const at = chosen.indexOf(key);
    if (action === "up") others.splice(Math.max(0, at - 1), 0, key);
    else if (action === "down") others.splice(at + 1, 0, key);
    else if (action === "toggle" && at < 0) others.push(key);
    keep(others);
    const now = chosen.indexOf(key);
    document.getElementById("status").textContent =
      now < 0
        ? `${nameOf(take)} is not in the playlist any more.`
        : `${nameOf(take)} is number ${now + 1} of ${chosen.length} in the playlist.`;
    if (isPlaylist) focused = now < 0 ? null : `.take[data-id="${key}"] [data-action=${action}]`;
  }

  let focused = ""; // what is to have the focus when the list is there again
  document.addEventListener("espr:takes", () => {
    show();
    if (focused !== "") document.querySelector(focused ?? "#playlist-link").focus();
    focused = "";
  });
  document.addEventListener("click", (event) => event.target.id === "empty" && keep([]));
  addEventListener("storage", (event) => event.key === place && read()); // another page of this browser
  addEventListener("pageshow", (event) => event.persisted && read());
  read();
})();
