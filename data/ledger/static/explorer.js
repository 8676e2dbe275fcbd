// Filter and sort the table of claims; the address after # holds the choice, so that it can be shared.
(() => {
  const form = document.getElementById("explorer");
  if (!form) return;
  const table = document.querySelector("table.explorer");
  const bodies = [...table.tBodies];
  const rows = [...table.querySelectorAll("tr[data-topic]")];
  const fields = ["topic", "claimant", "measure", "month", "status", "evidence"];
  const PAGE = 100;
  const more = document.createElement("button");
  const said = (number) => number.toLocaleString("en-GB");
  let all = false;
  more.type = "button";
  more.className = "more-button";
  table.after(more);
  const flat = document.createElement("tbody");
  const text = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  for (const field of fields) {
    const values = [...new Set(rows.map((row) => row.dataset[field]))].filter(Boolean).sort();
    // A month is kept as its digits, which sort, and shown as its heading words it.
    const worded = (value) => (field === "month" ? document.getElementById(`month-${value}`).rows[0].textContent : value);
    for (const value of values) form.elements[field].add(new Option(worded(value), value));
  }

  function keep(row, words) {
    return fields.every((f) => !form.elements[f].value || row.dataset[f] === form.elements[f].value)
      && words.every((word) => text.get(row).includes(word));
  }

  function order(kind) {
    const number = (row) => (row.dataset.size === "" ? -1 : Number(row.dataset.size));
    const place = new Map(rows.map((row, index) => [row, index]));
    const by = {
      newest: (a, b) => place.get(b) - place.get(a),
      largest: (a, b) => number(b) - number(a),
      claimant: (a, b) => a.dataset.claimant.localeCompare(b.dataset.claimant) || place.get(a) - place.get(b),
    };
    return [...rows].sort(by[kind]);
  }

  function show() {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      row.hidden = !keep(row, words);
      count += !row.hidden;
    }
    const matches = rows.filter((row) => !row.hidden);
    const kind = form.elements.sort.value;
    if (kind) {
      flat.replaceChildren(...order(kind));
      table.replaceChildren(table.tHead, flat);
    } else if (flat.isConnected) {
      for (const body of bodies) body.append(...rows.filter((row) => row.dataset.home === body.id));
      table.replaceChildren(table.tHead, ...bodies);
    }
    // A long list is cut, so that a phone draws it at once; the button shows the rest.
    const listed = kind ? order(kind).filter((row) => !row.hidden) : matches;
    const cut = all ? [] : listed.slice(PAGE);
    for (const row of cut) row.hidden = true;
    more.hidden = !cut.length;
    more.textContent = `Show the other ${said(cut.length)}`;
    for (const body of bodies) body.hidden = !body.querySelector("tr[data-topic]:not([hidden])");
    form.querySelector("output").textContent = `${said(count)} of ${said(rows.length)} claims`;
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const address = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
  }

  function read() {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      if (form.elements[name]) form.elements[name].value = value;
    }
  }

  for (const row of rows) row.dataset.home = row.parentNode.id;
  if (location.hash.includes("=")) read();
  show();
  more.addEventListener("click", () => { all = true; show(); });
  form.addEventListener("input", () => { all = false; show(); });
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => { read(); show(); });
})();
