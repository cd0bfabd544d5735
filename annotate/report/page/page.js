// Niceties only: the page says everything without them.
"use strict";
(() => {
  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  const clock = (s) => {
    const whole = Math.floor(s), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
    const two = (n) => String(n).padStart(2, "0");
    return (h ? h + ":" + two(m) : m) + ":" + two(whole % 60);
  };

  // A line over all lanes, with the time under the pointer.
  const lanes = document.getElementById("lanes");
  const track = lanes && lanes.querySelector(".axis svg");
  if (track) {
    const cursor = document.createElement("div"), label = document.createElement("span");
    cursor.className = "cursor";
    cursor.hidden = true;
    cursor.append(label);
    lanes.append(cursor);
    lanes.addEventListener("pointermove", (e) => {
      const box = track.getBoundingClientRect();
      const share = (e.clientX - box.left) / box.width;
      cursor.hidden = share < 0 || share > 1;
      cursor.style.left = e.clientX - lanes.getBoundingClientRect().left + "px";
      label.textContent = clock(share * Number(lanes.dataset.seconds));
    });
    lanes.addEventListener("pointerleave", () => { cursor.hidden = true; });
  }

  // J and K walk through the moments.
  const moments = [...document.querySelectorAll("article.moment")];
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || (e.key !== "j" && e.key !== "k")) return;
    const at = moments.indexOf(document.activeElement);
    const next = moments[e.key === "j" ? at + 1 : Math.max(at - 1, 0)];
    if (next) next.focus();
  });
})();
