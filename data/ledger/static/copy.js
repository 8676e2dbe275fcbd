// Give each text that a reader may want elsewhere a button that copies it; without this the text stands alone.
for (const text of document.querySelectorAll("pre.copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  const name = text.closest("dd")?.previousElementSibling?.textContent ?? "";
  button.textContent = `Copy ${name}`.trim();
  const said = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      // The browser refuses: mark the text, so that the reader's own keys copy it.
      getSelection().selectAllChildren(text);
      button.textContent = "Marked: copy it with your keyboard";
    }
    setTimeout(() => (button.textContent = said), 4000);
  });
  text.before(button);
}
