// Swap a figure's still picture for its live chart when the reader asks for it.
(() => {
  const here = document.currentScript.src;
  let engine;

  function loadEngine() {
    engine ??= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = new URL("vega.js", here).href;
      script.onload = () => done(window.vegaEmbed);
      script.onerror = () => fail(new Error("vega.js did not load"));
      document.head.append(script);
    });
    return engine;
  }

  function specOf(figure) {
    const { spec, dark } = JSON.parse(figure.querySelector(".live-spec").textContent);
    if (document.documentElement.dataset.theme !== "dark") return spec;
    let text = JSON.stringify(spec);
    for (const [light, shade] of Object.entries(dark)) text = text.replaceAll(light, shade);
    return JSON.parse(text);
  }

  function line(words, name) {
    const paragraph = document.createElement("p");
    paragraph.className = name;
    paragraph.textContent = [words].flat().join(" ");
    return paragraph;
  }

  // The title goes into the page, where it wraps; the plot gives up width until the chart fits.
  async function draw(figure) {
    const embed = await loadEngine();
    const chart = figure.querySelector(".live-chart");
    const canvas = document.createElement("div");
    const spec = specOf(figure);
    chart.replaceChildren(line(spec.title.text, "live-title"), line(spec.title.subtitle, "live-source"), canvas);
    chart.hidden = false;
    delete spec.title;
    spec.config.font = getComputedStyle(document.body).fontFamily;
    const plots = spec.vconcat ?? [spec];
    const names = !spec.vconcat || plots[0].encoding?.y?.type === "nominal"; // rows have names, wider than numbers
    const margin = names ? 190 : 70;
    for (const plot of plots) plot.width = Math.max(110, Math.min(plot.width, chart.clientWidth - margin));
    spec.config.legend.columns = chart.clientWidth < 400 ? 1 : 2;
    await embed(canvas, spec, { renderer: "svg", actions: false, ast: false });
    figure.querySelector(".still").hidden = true;
    figure.dataset.live = "yes";
  }

  for (const button of document.querySelectorAll(".live-button")) {
    button.addEventListener("click", () => {
      const figure = button.closest("figure");
      draw(figure).then(
        () => button.remove(),
        (error) => {
          button.textContent = "The live chart could not be drawn; the picture stays.";
          console.error(error);
        },
      );
    });
  }

  new MutationObserver(() => {
    document.querySelectorAll("figure[data-live]").forEach(draw);
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
