// Put a live chart in the place of its picture: drawn as the reader comes near, shown when nothing on screen moves, or when asked for.
(() => {
  const here = document.currentScript.src;
  const figures = [...document.querySelectorAll(".live-button")].map((button) => button.closest("figure"));
  const scripts = new Map();
  const drawings = new Map();

  function load(address) {
    if (!scripts.has(address)) {
      scripts.set(address, new Promise((done, fail) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = () => fail(new Error(`${address} did not load`));
        document.head.append(script);
      }));
    }
    return scripts.get(address);
  }

  function specOf(file) {
    const { spec, dark } = window.ledgerCharts[file];
    let text = JSON.stringify(spec);
    if (document.documentElement.dataset.theme === "dark") {
      for (const [light, shade] of Object.entries(dark)) text = text.replaceAll(light, shade);
    }
    return JSON.parse(text);
  }

  function line(words, name) {
    const paragraph = document.createElement("p");
    paragraph.className = name;
    paragraph.textContent = [words].flat().join(" ");
    return paragraph;
  }

  // The title goes into the page, where it wraps; the plots give up what the chart is wider than the page, words and keys with it.
  async function draw(figure) {
    const { chart: address } = figure.querySelector(".live-button").dataset;
    await Promise.all([load(new URL("vega.js", here).href), load(address)]);
    const chart = figure.querySelector(".live-chart");
    const canvas = document.createElement("div");
    const spec = specOf(address.replace(/^(\.\.\/)+/, ""));
    const { text, subtitle } = spec.title;
    delete spec.title;
    spec.config.font = getComputedStyle(document.body).fontFamily;
    const plots = spec.vconcat ?? [spec];
    const { paddingLeft, paddingRight } = getComputedStyle(figure);
    const room = figure.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    for (const plot of plots) plot.width = Math.min(plot.width, room);
    spec.config.legend.columns = room < 400 ? 1 : 2;
    if (room < 400) spec.config.legend.layout = { bottom: { anchor: "end" } }; // or it begins where the plot does, and hangs over
    // The policy of the page lets no text become code (ast), and no sheet be written into it (defaultStyle).
    const options = { renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: { id: "vg-tooltip-element", disableDefaultStyle: true } };
    for (let over = 1, tries = 0; over > 0 && tries < 8; tries += 1) {
      const { finalize } = await window.vegaEmbed(canvas, spec, options);
      over = Math.ceil(canvas.querySelector("svg").width.baseVal.value) - room;
      if (over > 0 && tries < 7) finalize();
      for (const plot of plots) plot.width = Math.max(40, plot.width - Math.max(0, over));
    }
    // Vega calls some groups of marks a picture and gives it no name; what they show stands in the table of numbers.
    for (const marks of canvas.querySelectorAll("[role=graphics-symbol]:not([aria-label])")) marks.ariaHidden = "true";
    for (const shown of canvas.querySelectorAll(".vega-bind input[type=range] + span")) {
      const say = (value) => {
        shown.textContent = Number(value).toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
      };
      shown.previousSibling.addEventListener("input", (event) => say(event.target.value));
      say(shown.textContent); // the slider itself has been put on its nearest step
    }
    chart.replaceChildren(line(text, "live-title"), line(subtitle, "live-source"), canvas);
  }

  function drawn(figure) {
    if (!drawings.has(figure)) drawings.set(figure, draw(figure));
    return drawings.get(figure);
  }

  function show(figure, live) {
    const still = figure.querySelector(".still");
    const chart = figure.querySelector(".live-chart");
    const button = figure.querySelector(".live-button");
    still.hidden = live;
    chart.hidden = !live;
    button.firstElementChild.textContent = live ? "Show the picture" : "Explore this chart";
    figure.toggleAttribute("data-live", live);
  }

  function onScreen(figure) {
    const { top, bottom } = figure.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  for (const figure of figures) {
    const button = figure.querySelector(".live-button");
    button.addEventListener("click", () => {
      if (figure.hasAttribute("data-live")) return show(figure, false);
      drawn(figure).then(
        () => show(figure, true),
        (error) => {
          button.firstElementChild.textContent = "The live chart could not be drawn; the picture stays";
          console.error(error);
        },
      );
    });
  }

  // Nothing is loaded for a reader who has not moved, nor for one who asks to save data.
  const sparing = navigator.connection?.saveData || matchMedia("(prefers-reduced-data: reduce)").matches;
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      drawn(target).then(() => onScreen(target) || show(target, true), console.error);
    }
  }, { rootMargin: "150% 0px" });
  if (!sparing) addEventListener("scroll", () => figures.forEach((f) => near.observe(f)), { once: true, passive: true });

  new MutationObserver(() => {
    for (const figure of drawings.keys()) drawings.set(figure, draw(figure));
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
