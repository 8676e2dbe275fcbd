// Python in a thread of its own: the page stays alive while a cell runs.
import { loadPyodide } from "./pyodide.mjs";

async function start() {
  const python = await loadPyodide({ env: { PYTHONWARNINGS: "ignore::SyntaxWarning" } }); // of packages older than this Python
  const { packages } = await (await fetch("pyodide-lock.json")).json();
  await python.loadPackage(Object.keys(packages), { messageCallback: () => {} });
  const [site] = python.runPython("import site; site.getsitepackages()").toJs();
  for (const [name, folder] of [["packages.zip", site], ["book.zip", "/book"]]) {
    python.FS.mkdirTree(folder);
    python.unpackArchive(await (await fetch(name)).arrayBuffer(), "zip", { extractDir: folder });
  }
  python.FS.symlink("/book/data/ledger", `${site}/ledger`);
  return python.runPython("from functools import partial; from ledger.cells import run, start; partial(run, start())");
}

let run;

self.onmessage = async ({ data: { place, source } }) => {
  try {
    run ??= await start();
    self.postMessage({ place, ...JSON.parse(run(source)) });
  } catch (error) {
    self.postMessage({ place, outputs: [], text: String(error), failed: true });
  }
};
