// Show the cells of a chapter, run them in Python inside this page, and compare what they give with what is printed.
const LEDGER = "application/vnd.ledger+json";
const CHART = "application/vnd.vegalite.v5+json";
const choice = document.querySelector("#chapter");
const button = document.querySelector("#run");
const said = document.querySelector("#said");
const list = document.querySelector("#cells");
let cells = [];
let worker;

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const joined = (text) => (Array.isArray(text) ? text.join("") : text);

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

// Pixels, and where a title breaks, differ from one version of a font renderer to the next; words, claims and values must not.
function comparable(outputs) {
  return JSON.stringify(
    outputs.map(({ data, metadata }) => {
      const kept = {};
      for (const [type, value] of Object.entries(data)) {
        if (type.startsWith("image/")) continue;
        kept[type] = type.endsWith("json") ? value : joined(value);
      }
      if (kept[LEDGER]?.kind === "figure") kept[LEDGER] = { ...kept[LEDGER], width: 0, height: 0 };
      if (kept[CHART]) {
        const { title, ...rest } = kept[CHART];
        kept[CHART] = { ...rest, title: [title.text, title.subtitle].flat().join(" ") };
      }
      return sorted({ kept, metadata });
    }),
  );
}

function figure(record, data) {
  const shown = element("figure");
  const caption = element("figcaption", `${record.title}. ${record.caption} `);
  const chapter = `../chapters/${choice.value}.html#figure-${record.name}`;
  if (data["image/png"]) {
    shown.append(element("img", "", { src: `data:image/png;base64,${data["image/png"]}`, alt: record.alt }));
  } else {
    caption.append("Its specification was computed here; ", element("a", "the chapter draws it", { href: chapter }), ".");
  }
  shown.append(caption);
  return shown;
}

function shown({ data }) {
  const record = data[LEDGER];
  if (record?.kind === "figure") return figure(record, data);
  if (record?.kind === "numbers") {
    const rows = element("dl");
    for (const row of record.rows) rows.append(element("dt", row.key.replaceAll("_", " ")), element("dd", row.text));
    return rows;
  }
  return data["text/plain"] ? element("pre", data["text/plain"]) : "";
}

function lay(cell, place) {
  const source = joined(cell.source);
  if (cell.cell_type === "markdown") {
    const heads = source.match(/^#+ .+$/gm) ?? [];
    return heads.map((head) => element(head.startsWith("# ") ? "h2" : "h3", head.replace(/^#+ /, "")));
  }
  const fold = element("details");
  const code = element("textarea", source, { spellcheck: "false", rows: source.split("\n").length, "aria-label": `Code of cell ${place + 1}` });
  fold.append(element("summary", `Code of cell ${place + 1}`), code);
  const verdict = element("p", "", { class: "verdict" });
  const out = element("div");
  cells.push({ code, verdict, out, stored: comparable(cell.outputs.filter((o) => o.data)) });
  return [fold, verdict, out];
}

async function open() {
  if ([...choice.options].some((o) => `#${o.value}` === location.hash)) choice.value = location.hash.slice(1);
  if (!choice.value) {
    said.textContent = "Choose a chapter: its code comes then.";
    return;
  }
  const answer = await fetch(`../chapters/${choice.value}.ipynb`);
  const notebook = await answer.json();
  cells = [];
  let place = 0;
  list.replaceChildren(...notebook.cells.flatMap((cell) => lay(cell, cell.cell_type === "code" ? place++ : 0)));
  said.textContent = "";
  button.disabled = false;
}

function ask(place, source) {
  return new Promise((done, fail) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = () => fail(new Error("Python could not be started"));
    worker.postMessage({ place, source });
  });
}

async function run() {
  button.disabled = choice.disabled = true;
  worker?.terminate(); // every run begins with nothing defined
  worker = new Worker("worker.js", { type: "module" });
  let same = 0;
  for (const [place, cell] of cells.entries()) {
    said.textContent = place ? `Running cell ${place + 1} of ${cells.length}.` : "Fetching and starting Python; this takes a while.";
    const { outputs, text, failed } = await ask(place, cell.code.value);
    cell.out.replaceChildren(...outputs.map(shown));
    if (text) cell.out.append(element("pre", text));
    const equal = !failed && comparable(outputs) === cell.stored;
    cell.verdict.textContent = failed ? "This cell failed." : equal ? "As printed." : "Not as printed.";
    if (failed) {
      said.textContent = `Cell ${place + 1} of ${cells.length} failed; the cells after it did not run.`;
      break;
    }
    same += equal;
    said.textContent = `All ${cells.length} cells ran; ${same} gave what is printed.`;
  }
  button.disabled = choice.disabled = false;
}

choice.addEventListener("change", () => {
  location.hash = choice.value;
});
window.addEventListener("hashchange", open);
button.addEventListener("click", run);
open().catch(() => {
  said.textContent = "The notebook could not be read: this page needs a server, as `make serve` starts one.";
});
