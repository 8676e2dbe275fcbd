// The one search of the book: a box with its results, in a dialog on every page and open on the search page.
(() => {
  const here = document.currentScript.src;
  const root = new URL("../", here);
  const FOLDERS = { figure: "figures", claim: "claims", source: "sources" };
  let loading;

  // Small letters without accents; C-0017 and KN-23 stay one word, all other signs part words.
  function fold(text) {
    return ` ${text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
      .replace(/(\p{L})-(?=\p{N})/gu, "$1").replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
  }

  function load() {
    loading ??= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = new URL("find-data.js", here).href;
      script.onload = () => {
        const { kinds, rows } = window.ledgerFinds;
        const order = Object.keys(kinds);
        done({ kinds, rows: rows.map(([kind, id, title, note, words, address]) => ({
          kind, id, title, note, rank: order.indexOf(kind),
          address: new URL(address || `${FOLDERS[kind]}/${id}.html`, root).href,
          // The other words of a term are as good as its title: another language's, or an abbreviation.
          head: fold(`${id} ${title} ${kind === "term" ? words : ""}`), body: fold(`${note} ${words}`),
        })) });
      };
      script.onerror = () => { loading = undefined; fail(new Error("find-data.js did not load")); };
      document.head.append(script);
    });
    return loading;
  }

  // Every word of the question must begin a word of the row; the title counts more, a whole word more than its beginning.
  function score(row, words) {
    let sum = 0;
    for (const word of words) {
      const inHead = row.head.includes(` ${word}`);
      if (!inHead && !row.body.includes(` ${word}`)) return 0;
      sum += inHead ? 4 : 1;
      if ((inHead ? row.head : row.body).includes(` ${word} `)) sum += inHead ? 4 : 1;
    }
    if (row.head.startsWith(` ${words.join(" ")} `)) sum += 6;
    if (row.head === ` ${words.join(" ")} `) sum += 10;
    return sum;
  }

  function find({ kinds, rows }, question) {
    const words = fold(question).trim().split(" ").filter(Boolean);
    if (!words.length) return [];
    const found = rows.map((row) => ({ row, score: score(row, words) })).filter((hit) => hit.score);
    found.sort((a, b) => b.score - a.score || a.row.rank - b.row.rank);
    const groups = new Map();
    for (const { row } of found) groups.set(row.kind, [...(groups.get(row.kind) ?? []), row]);
    return [...groups].map(([kind, hits]) => ({ head: kinds[kind], hits }));
  }

  function element(tag, attributes, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  }

  // The pattern is that of a combobox whose list is always in sight: the cursor stays in the box, the arrows move through the list.
  function mount(place, name, most, settled) {
    const input = element("input", {
      type: "search", name: "q", id: `${name}-q`, role: "combobox", autocomplete: "off", autocapitalize: "off",
      spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${name}-list`,
    });
    const said = element("p", { role: "status", class: "find-said" });
    const list = element("div", { id: `${name}-list`, role: "listbox", "aria-label": "Results", hidden: "" });
    const form = element("form", { role: "search", action: new URL("search.html", root).href },
      element("label", { for: input.id }, "Search the book and the ledger"), input);
    let options = [];
    let active = -1;

    function mark(index) {
      options[active]?.setAttribute("aria-selected", "false");
      active = index;
      options[active]?.setAttribute("aria-selected", "true");
      options[active]?.scrollIntoView({ block: "nearest" });
      if (active < 0) input.removeAttribute("aria-activedescendant");
      else input.setAttribute("aria-activedescendant", options[active].id);
    }

    function show(groups) {
      options = [];
      const parts = groups.map(({ head, hits }, place) => {
        const shown = hits.slice(0, most);
        const title = element("div", { class: "find-kind", id: `${name}-kind-${place}`, role: "presentation" },
          shown.length < hits.length ? `${head}: ${shown.length} of ${hits.length.toLocaleString("en-GB")}` : `${head}: ${hits.length}`);
        const items = shown.map((row) => {
          const option = element("a", { role: "option", tabindex: "-1", href: row.address, "aria-selected": "false", id: `${name}-${options.length}` },
            ...(row.id ? [element("span", { class: "find-id" }, row.id), " "] : []), element("span", { class: "find-title" }, row.title),
            ...(row.note ? [" ", element("span", { class: "find-note" }, row.note)] : []));
          options.push(option);
          return option;
        });
        return element("div", { role: "group", "aria-labelledby": title.id }, title, ...items);
      });
      list.replaceChildren(...parts);
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(options.length > 0));
      mark(-1);
      const total = groups.reduce((sum, group) => sum + group.hits.length, 0);
      if (!input.value.trim()) said.textContent = "";
      else said.textContent = total ? `${total.toLocaleString("en-GB")} result${total === 1 ? "" : "s"}` : "Nothing found. Try a shorter word, or another spelling.";
    }

    async function search() {
      try {
        const data = await load();
        show(find(data, input.value));
        settled?.(input.value);
      } catch (error) {
        said.textContent = "The search could not be loaded.";
        console.error(error);
      }
    }

    input.addEventListener("focus", () => load().catch(() => {}));
    input.addEventListener("input", search);
    input.addEventListener("keydown", (event) => {
      const moves = { ArrowDown: active + 1, ArrowUp: active < 0 ? options.length - 1 : active - 1 };
      if (event.key in moves && options.length) {
        mark(moves[event.key] >= options.length ? -1 : moves[event.key]);
        event.preventDefault();
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        options[active].click();
      } else if (event.key === "Escape" && input.value) {
        // The first press empties the box, the next one closes the dialog.
        event.preventDefault();
        input.value = "";
        search();
      }
    });
    place.append(form, said, list);
    return { input, search };
  }

  const page = document.getElementById("find");
  if (page) {
    const box = mount(page, "find", 50, (question) => {
      const address = new URL(location.href);
      address.search = question ? new URLSearchParams({ q: question }) : "";
      history.replaceState(null, "", address);
    });
    box.input.form.addEventListener("submit", (event) => event.preventDefault());
    box.input.value = new URLSearchParams(location.search).get("q") ?? "";
    if (box.input.value) box.search();
    box.input.focus();
  }

  let dialog;
  function open() {
    if (page) return document.getElementById("find-q").focus();
    if (!dialog) {
      const close = element("button", { type: "button", class: "find-close" }, "Close");
      dialog = element("dialog", { class: "find", "aria-label": "Search" }, close);
      mount(dialog, "find", 5);
      close.addEventListener("click", () => dialog.close());
      dialog.addEventListener("click", (event) => {
        // A result on this very page only moves the page behind the dialog; a click beside the dialog closes it.
        if (event.target === dialog || event.target.closest("[role=option]")) dialog.close();
      });
      document.body.append(dialog);
    }
    dialog.showModal();
    document.getElementById("find-q").focus();
  }

  for (const link of document.querySelectorAll("a.find-open")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
})();
