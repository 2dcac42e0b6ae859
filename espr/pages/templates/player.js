"use strict";
// One sound at a time: a single player for the whole page, however many performances it shows.
// Without this script the page is complete, with the browser's own players.
(() => {
  const STEP = 5; // seconds that an arrow key moves
  const audio = new Audio();
  const status = document.getElementById("status");
  const keys = document.getElementById("keys");
  const inOrderButton = document.getElementById("in-order");
  const blindButton = document.getElementById("blind");
  const barsButton = document.getElementById("same-bars"); // of a served library
  let current = null; // the take that is loaded
  let address = ""; // of its sound, where it was made here
  let wanted = null; // where in the sound to go once its length is known
  let inOrder = false;
  let takes = readTakes();

  function readTakes() {
    return [...document.querySelectorAll(".take")].map(readTake);
  }

  function readTake(element) {
    const number = (name) => Number(element.dataset[name]);
    const native = element.querySelector("audio");
    const take = {
      element,
      id: element.dataset.id,
      bars: JSON.parse(element.dataset.bars || "null"), // moments of a reference, and its own
      name: element.querySelector(".name").textContent,
      source: native ? native.getAttribute("src") : "",
      offset: number("offset"),
      begin: number("begin"),
      end: number("end"),
      best: number("best"),
      bestEnd: number("bestEnd"),
      duration: number("duration"),
      position: number("best"),
      now: element.querySelector(".now"),
    };
    if (native) {
      native.remove();
      addControls(take);
      show(take);
    }
    return take;
  }

  function addControls(take) {
    const player = take.element.querySelector(".player");
    const timeline = player.querySelector(".timeline");
    take.button = document.createElement("button");
    take.button.type = "button";
    take.button.className = "play";
    take.button.append(icon("M3 1.5v13l11-6.5z"));
    take.button.addEventListener("click", () => toggle(take));
    take.slider = document.createElement("div");
    take.slider.className = "slider";
    take.slider.tabIndex = 0;
    take.slider.setAttribute("role", "slider");
    take.slider.setAttribute("aria-valuemin", Math.round(take.begin));
    take.slider.setAttribute("aria-valuemax", Math.round(take.end));
    take.cursor = document.createElement("div");
    take.cursor.className = "cursor";
    take.slider.append(timeline, take.cursor);
    for (const [from, to] of [[0, take.begin], [take.end, take.duration]]) {
      if (to - from > 0.5) timeline.append(away(from, to));
    }
    take.slider.addEventListener("pointerdown", (event) => pointAt(take, event));
    take.slider.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) pointAt(take, event);
    });
    take.slider.addEventListener("keydown", (event) => slide(take, event));
    player.classList.add("ready");
    player.prepend(take.button, take.slider);
    label(take, take.name);
  }

  function icon(path) {
    const svg = shape("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
    svg.append(shape("path", { d: path }));
    return svg;
  }

  function away(from, to) {
    return shape("rect", { class: "away", x: from, y: 0, width: to - from, height: 2 });
  }

  function shape(name, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function label(take, name) {
    take.label = name;
    if (!take.slider) return;
    take.button.setAttribute("aria-label", `${isPlaying(take) ? "Pause" : "Play"} ${name}`);
    take.slider.setAttribute("aria-label", `Position in ${name}`);
  }

  function clock(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const minutes = Math.floor(whole / 60) % 60;
    const rest = String(whole % 60).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  }

  function isPlaying(take) {
    return take === current && !audio.paused;
  }

  // A Blob can be sought everywhere; Safari does not seek in a data address.
  function playable(source) {
    if (!source.startsWith("data:")) return source;
    const comma = source.indexOf(",");
    const bytes = Uint8Array.from(atob(source.slice(comma + 1)), (letter) => letter.charCodeAt(0));
    const type = source.slice("data:".length, source.indexOf(";"));
    address = URL.createObjectURL(new Blob([bytes], { type }));
    return address;
  }

  function load(take) {
    if (take === current && !audio.error) return; // what failed once may be played now
    const before = current;
    audio.pause();
    if (address) URL.revokeObjectURL(address);
    address = "";
    current = take;
    if (before) show(before);
    audio.src = playable(take.source);
  }

  function seek(take, moment) {
    take.position = Math.min(Math.max(moment, take.begin), take.end);
    wanted = null;
    if (take === current) {
      if (audio.readyState > 0) audio.currentTime = take.position - take.offset;
      else wanted = take.position - take.offset;
    }
    show(take);
  }

  function play(take, moment) {
    if (!take || !take.slider) return;
    load(take);
    seek(take, moment);
    audio.play().catch((error) => {
      // what cannot be played is an event, too
      if (error.name === "NotAllowedError" && take === current) {
        setInOrder(false);
        say(`${take.label}: this browser wants a click before it plays.`);
      }
    });
    take.element.scrollIntoView({ block: "nearest" });
  }

  function toggle(take) {
    if (isPlaying(take)) audio.pause();
    else if (staysAtBars(take)) playFrom(take);
    else play(take, take.position >= take.end - 0.2 ? take.best : take.position);
  }

  function staysAtBars(take) {
    const on = barsButton && barsButton.getAttribute("aria-pressed") === "true";
    return on && current && current !== take && !audio.paused;
  }

  // From its best window, or from the bar that another performance has reached.
  async function playFrom(take) {
    if (!staysAtBars(take)) return play(take, take.best);
    const at = take.bars ? barKnown(take) : await barServed(take);
    if (at === null) say(`${take.label} does not play these bars, or ESPR cannot tell where.`);
    play(take, at === null ? take.best : at);
  }

  async function barServed(take) {
    const query = new URLSearchParams({ one: current.id, other: take.id, at: current.position });
    const answer = await server.ask(`/same-bar?${query}`);
    return answer?.ok ? (await answer.json()).at : null;
  }

  function barKnown(take) {
    const bar = between(current.bars, 1, current.position);
    return bar === null ? null : between(take.bars, 0, bar);
  }

  // From one column of pairs to the other; null outside, and where pairs are apart.
  function between(pairs, column, at) {
    const next = pairs.findIndex((pair) => pair[column] >= at);
    if (next < 0 || (next === 0 && pairs[0][column] - at > STEP)) return null;
    const [to, from] = [pairs[next], pairs[Math.max(0, next - 1)]];
    if (to[0] - from[0] > STEP) return null;
    const share = to === from ? 0 : (at - from[column]) / (to[column] - from[column] || 1);
    return from[1 - column] + share * (to[1 - column] - from[1 - column]);
  }

  const isServed = (take) => take.source.startsWith("/media/");

  // A server can encode what a browser does not play; of a track it sends the track alone.
  function playEncoded(take) {
    take.isEncoded = true;
    take.source += "?encoded";
    take.offset = 0;
    say(`${take.label} is being made playable …`);
    play(take, take.position);
  }

  // Why a sound failed: the server is gone, the file is, or the browser cannot play it.
  async function examine(take) {
    const wasPlaying = !audio.paused;
    const why =
      audio.error.code === MediaError.MEDIA_ERR_DECODE // Firefox says the same of a missing device
        ? "This browser could not play this recording. Is there a sound device?"
        : "This browser cannot play this recording.";
    audio.pause();
    if (!isServed(take)) return complain(take, why);
    const answer = await server.ask(take.source.replace("?encoded", ""), { method: "HEAD" });
    if (take !== current) return;
    if (!answer) server.whenBack(() => take === current && goOn(take, wasPlaying));
    else if (!answer.ok) complain(take, "The recording is not there now.");
    else if (!take.isEncoded) playEncoded(take);
    else complain(take, why);
  }

  function goOn(take, wasPlaying) {
    if (wasPlaying) return play(take, take.position);
    load(take);
    seek(take, take.position);
  }

  function complain(take, why) {
    let line = take.element.querySelector(".failed");
    if (!line) {
      line = document.createElement("p");
      line.className = "problem failed";
      take.element.querySelector(".hear").append(line);
    }
    line.textContent = why;
    say(`${take.label}: ${line.textContent}`);
    if (inOrder) playNext();
  }

  function say(text) {
    if (status) status.textContent = text;
  }

  function pointAt(take, event) {
    const box = take.slider.getBoundingClientRect();
    const moment = ((event.clientX - box.left) / box.width) * take.duration;
    if (moment < take.begin || moment > take.end) {
      say("This page holds the best window only.");
      return;
    }
    setInOrder(false);
    if (isPlaying(take)) seek(take, moment);
    else play(take, moment);
  }

  function slide(take, event) {
    const to = {
      ArrowLeft: take.position - STEP,
      ArrowRight: take.position + STEP,
      PageDown: take.position - 6 * STEP,
      PageUp: take.position + 6 * STEP,
      Home: take.begin,
      End: take.end,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    seek(take, to);
    event.preventDefault();
    event.stopPropagation();
  }

  function show(take) {
    if (!take.slider) return;
    const playing = isPlaying(take);
    take.element.classList.toggle("playing", playing);
    const path = playing ? "M3 1.5h4v13H3zM9 1.5h4v13H9z" : "M3 1.5v13l11-6.5z";
    take.button.querySelector("path").setAttribute("d", path);
    take.button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${take.label || take.name}`);
    take.cursor.style.left = `${(100 * take.position) / take.duration}%`;
    take.now.textContent = clock(take.position);
    take.slider.setAttribute("aria-valuenow", Math.round(take.position));
    take.slider.setAttribute("aria-valuetext", `${clock(take.position)} of ${clock(take.duration)}`);
  }

  function follow() {
    if (!current || audio.paused) return;
    if (wanted === null) current.position = audio.currentTime + current.offset;
    show(current);
    if (current.position >= current.end) audio.pause(); // a track ends before its file does
    if (inOrder && current.position >= current.bestEnd - 0.1) playNext();
    else requestAnimationFrame(follow);
  }

  // Blind, the order on the page is not that of the list.
  const visible = () =>
    [...document.querySelectorAll(".take")]
      .map((element) => takes.find((take) => take.element === element))
      .filter((take) => take.slider);

  function neighbour(step) {
    const shown = visible();
    return shown[current ? shown.indexOf(current) + step : 0];
  }

  function playNext() {
    const next = neighbour(1);
    if (next) play(next, next.best);
    else {
      audio.pause();
      setInOrder(false);
    }
  }

  function setInOrder(on) {
    inOrder = on;
    if (inOrderButton) inOrderButton.setAttribute("aria-pressed", on);
  }

  audio.addEventListener("loadedmetadata", () => {
    if (wanted !== null) audio.currentTime = wanted;
    wanted = null;
  });
  audio.addEventListener("playing", () => {
    if (current?.isEncoded) say("");
    current?.element.querySelector(".failed")?.remove(); // what was said of it holds no more
  });
  audio.addEventListener("play", () => {
    show(current);
    requestAnimationFrame(follow);
  });
  audio.addEventListener("pause", () => current && show(current));
  audio.addEventListener("error", () => current && audio.getAttribute("src") && examine(current));
  audio.addEventListener("ended", () => {
    if (inOrder) playNext();
    else seek(current, current.best);
  });

  document.addEventListener("click", (event) => {
    const dot = event.target.closest("[data-play]");
    const take = dot && takes.find((one) => one.id === dot.dataset.play);
    if (!take) return;
    event.preventDefault();
    setInOrder(false);
    playFrom(take);
  });

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    const typing = at.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || (keys && !keys.checked)) return;
    const onControl = at.closest("button, summary, input, a");
    if (/^[1-9]$/.test(event.key)) {
      const take = visible()[event.key - 1];
      if (take) {
        setInOrder(false);
        playFrom(take);
      }
    } else if (event.key === " " && !onControl) {
      if (current || visible().length) toggle(current || visible()[0]);
    } else if (current && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      seek(current, current.position + (event.key === "ArrowLeft" ? -STEP : STEP));
    } else if (current && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const next = neighbour(event.key === "ArrowUp" ? -1 : 1);
      if (next) playFrom(next);
    } else return;
    event.preventDefault();
  });

  // Blind: whatever names a performance leaves the document until one is chosen.
  const blind = { on: false, parts: [], order: [], title: document.title };

  function startBlind() {
    blind.on = true;
    blind.order = takes.map((take) => take.element);
    blind.parts = [...document.querySelectorAll(".identity")].map((part) => {
      const place = document.createComment("");
      part.replaceWith(place);
      return [place, part];
    });
    document.title = "Listening blind";
    for (const list of document.querySelectorAll(".takes")) shuffle(list);
    visible().forEach((take, index) => {
      const name = `Take ${index + 1}`;
      const choice = document.createElement("div");
      choice.className = "choice";
      const choose = document.createElement("button");
      choose.type = "button";
      choose.textContent = "Choose this one";
      choose.setAttribute("aria-label", `Choose ${name.toLowerCase()}`);
      choose.addEventListener("click", () => endBlind(take));
      const heading = document.createElement("h2");
      heading.className = "name";
      heading.textContent = name;
      choice.append(heading, choose);
      take.element.prepend(choice);
      take.position = take.best;
      label(take, name);
      show(take);
    });
    say("Names, scores and reasons are hidden. Listen, and choose one.");
  }

  function shuffle(list) {
    const items = [...list.children];
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = Math.floor(Math.random() * (last + 1));
      [items[last], items[other]] = [items[other], items[last]];
    }
    list.append(...items);
    items.forEach((item, index) => (item.id = `take-${index + 1}`));
  }

  function endBlind(chosen) {
    blind.on = false;
    for (const choice of document.querySelectorAll(".choice")) choice.remove();
    for (const [place, part] of blind.parts) place.replaceWith(part);
    for (const element of blind.order) element.parentElement.append(element);
    document.title = blind.title;
    takes.forEach((take, index) => {
      take.element.id = `take-${index + 1}`;
      take.element.classList.toggle("chosen", take === chosen);
      label(take, take.name);
      show(take);
    });
    blindButton.setAttribute("aria-pressed", "false");
    if (!chosen) return say("");
    const isRanked = chosen.element.querySelector(".score");
    const rank = isRanked ? `, rank ${chosen.element.querySelector(".rank").textContent}` : "";
    say(`You chose ${chosen.name}${rank}.`);
    chosen.element.scrollIntoView({ block: "center" });
  }

  if (inOrderButton) {
    inOrderButton.addEventListener("click", () => {
      if (inOrder) {
        setInOrder(false);
        audio.pause();
      } else {
        setInOrder(true);
        const first = visible()[0];
        if (first) play(first, first.best);
      }
    });
  }
  if (blindButton) {
    blindButton.addEventListener("click", () => {
      setInOrder(false);
      audio.pause();
      blindButton.setAttribute("aria-pressed", String(!blind.on));
      if (blind.on) endBlind(null);
      else startBlind();
    });
  }
  if (barsButton) {
    barsButton.addEventListener("click", () => {
      const on = barsButton.getAttribute("aria-pressed") !== "true";
      barsButton.setAttribute("aria-pressed", String(on));
    });
  }

  // A served page shows another ranking: what plays goes on.
  document.addEventListener("espr:leave", () => blind.on && endBlind(null));
  document.addEventListener("espr:takes", () => {
    const before = current;
    const playing = before && isPlaying(before);
    current = null;
    takes = readTakes();
    current = (before && takes.find((take) => take.id === before.id && take.slider)) || null;
    if (current) {
      const { position, source, offset, isEncoded } = before;
      Object.assign(current, { position, source, offset, isEncoded });
      show(current);
    } else if (playing) audio.pause();
    showControls();
  });

  function showControls() {
    for (const part of document.querySelectorAll(".controls, .keys")) {
      part.hidden = !takes.some((take) => take.slider);
    }
  }
  showControls();
})();
