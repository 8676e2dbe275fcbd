// A reader who chose light or dark in the book keeps it on the pages without a switch of their own.
(() => {
  const mode = localStorage.getItem("mode");
  if (mode !== "light" && mode !== "dark") return;
  document.documentElement.dataset.mode = mode;
  // As the page is read, not after it: or the pictures of both would be fetched.
  new MutationObserver(() => {
    for (const source of document.querySelectorAll("source[media*=color-scheme]")) source.media = mode === "dark" ? "all" : "not all";
  }).observe(document, { childList: true, subtree: true });
})();
