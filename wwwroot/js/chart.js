// Plotly behind three calls: draw (first time or update), save, dispose. The library is loaded with the first chart.
let loading;
const charts = new Map();

function library() {
  loading ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = "/_content/Plotly.Blazor/plotly-3.7.0.min.js";
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = undefined; reject(new Error("plotly could not be loaded")); };
    document.head.append(script);
  });
  return loading;
}

// Colours of the page's theme. light-dark() is resolved by the browser through a probe's colour.
function palette() {
  const probe = document.createElement("span");
  probe.style.display = "none";
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["positive", "negative", "and", "or", "neutral", "third", "grid", "text", "early", "midway", "late"];
  const colours = Object.fromEntries(names.map((n) => [`@${n}`, colour(`--chart-${n}`)]));
  colours["@card"] = colour("--lab-card");
  probe.remove();
  return colours;
}

// The colour at a share of the way from early by midway to late.
function course(share, colours) {
  const ends = share < 0.5 ? ["@early", "@midway"] : ["@midway", "@late"];
  const [a, b] = ends.map((end) => colours[end].match(/[\d.]+/g).slice(0, 3).map(Number));
  const t = share < 0.5 ? 2 * share : 2 * share - 1;
  return `rgb(${a.map((v, i) => Math.round(v + t * (b[i] - v))).join(", ")})`;
}

// A token, or a token and how opaque it is: "@positive/0.2"; or a place in a sequence: "@course/0.2".
function coloured(text, colours) {
  const [token, share] = text.split("/");
  if (token === "@course") return course(Number(share), colours);
  const colour = colours[token];
  return !colour ? text : share ? colour.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*\)$/, `rgba($1, ${share})`) : colour;
}

function themed(value, colours) {
  if (typeof value === "string") return value.startsWith("@") ? coloured(value, colours) : value;
  if (Array.isArray(value)) return typeof value[0] === "number" && typeof value.at(-1) === "number" ? value.slice() : value.map((v) => themed(v, colours));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v, colours)]));
  return value;
}

function frame(layout, colours) {
  const axis = { gridcolor: colours["@grid"], zerolinecolor: colours["@neutral"], linecolor: colours["@grid"], automargin: true, fixedrange: true, exponentformat: "power" };
  const own = themed(layout ?? {}, colours);
  const axes = Object.fromEntries(Object.keys({ xaxis: 0, yaxis: 0, ...own }).filter((k) => /^[xy]axis\d*$/.test(k)).map((k) => [k, { ...axis, zeroline: k.startsWith("y"), ...own[k] }]));
  return {
    font: { family: "Roboto, sans-serif", size: 13, color: colours["@text"] },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 52, r: 12, t: 12, b: 44 }, autosize: true, bargap: 0.25,
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, bgcolor: "rgba(0,0,0,0)", traceorder: "normal" },
    hoverlabel: { font: { family: "Roboto, sans-serif" } },
    ...own, ...axes,
  };
}

async function render(element, traces, layout) {
  const plotly = await library();
  const colours = palette();
  await plotly.react(element, themed(traces, colours), frame(layout, colours), { displayModeBar: false });
}

// A chart that is as wide as its place.
async function fit(element, chart) {
  const plotly = await library();
  if (!charts.has(element) || element.clientWidth === 0) return;
  chart.width = element.clientWidth;
  await plotly.Plots.resize(element);
}

export async function draw(element, traces, layout) {
  if (!element) return;
  let chart = charts.get(element);
  if (!chart) {
    const again = () => render(element, chart.traces, chart.layout);
    const media = matchMedia("(prefers-color-scheme: dark)");
    // The sheet of the other theme may still be loading when the choice changes: colours come from our own tokens, so now is right.
    document.addEventListener("lab-theme", again);
    media.addEventListener("change", again);
    // Plotly's own way draws every chart anew whenever the window changes, its height alone too: a phone's bars do that at each scroll.
    const resized = new ResizeObserver(() => {
      clearTimeout(chart.wait);
      chart.wait = setTimeout(() => element.clientWidth !== chart.width && fit(element, chart), 100);
    });
    resized.observe(element);
    const stop = () => { clearTimeout(chart.wait); resized.disconnect(); document.removeEventListener("lab-theme", again); media.removeEventListener("change", again); };
    chart = { stop };
    charts.set(element, chart);
  }
  Object.assign(chart, { traces, layout, width: element.clientWidth });
  await render(element, traces, layout);
}

export async function save(element, format, filename) {
  const plotly = await library();
  const chart = charts.get(element);
  const colours = palette();
  const layout = { ...frame(chart.layout, colours), paper_bgcolor: colours["@card"], plot_bgcolor: colours["@card"] };
  const { width, height } = element.getBoundingClientRect();
  await plotly.downloadImage({ data: themed(chart.traces, colours), layout }, { format, filename, width: Math.round(width), height: Math.round(height), scale: format === "png" ? 2 : 1 });
}

export function dispose(element) {
  const chart = charts.get(element);
  if (!chart) return;
  chart.stop();
  charts.delete(element);
  window.Plotly?.purge(element);
}
