// Show the definition of a term on hover, on focus and on the first touch; without this the term is a link to the glossary.
(() => {
  let shown;

  function hide() {
    if (shown) shown.hidden = true;
    shown = undefined;
  }

  function show(link) {
    const note = document.getElementById(link.getAttribute("aria-describedby"));
    if (note === shown) return;
    hide();
    note.hidden = false;
    shown = note;
    const word = link.getClientRects()[0];
    const { offsetWidth: width, offsetHeight: height } = note;
    const left = Math.max(8, Math.min(word.left, document.documentElement.clientWidth - width - 8));
    // It touches its word, so that a pointer can move into it.
    const top = word.bottom + height > innerHeight && word.top > height ? word.top - height : word.bottom;
    note.style.left = `${left}px`;
    note.style.top = `${top}px`;
  }

  for (const link of document.querySelectorAll("a.term")) {
    const note = document.getElementById(link.getAttribute("aria-describedby"));
    let touched = false;
    link.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch" && note.hidden; });
    link.addEventListener("click", (event) => {
      if (touched) event.preventDefault();
      if (touched) show(link);
      touched = false;
    });
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
    for (const part of [link, note]) {
      part.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") show(link); });
      part.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "touch" || [link, note].includes(event.relatedTarget)) return;
        if (document.activeElement !== link) hide();
      });
    }
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("pointerdown", (event) => {
    if (shown && !event.target.closest(".definition, a.term")) hide();
  });
  addEventListener("scroll", hide, { passive: true, capture: true });
})();
