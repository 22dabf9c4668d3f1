// Scrolls pages in Chromium with the wheel, counts the frames by the browser's own trace, and
// prints a line of JSON for each turn.
//
//     node scroll.mjs CHROMIUM TURNS URL
//
// In each turn the list at the URL is scrolled, and the same way a control: a page that needs no
// script and no server, for what is dropped there is the machine's doing.

import { createRequire } from "node:module";

// The package is that of the browser tests.
const require = createRequire(new URL("../browser/", import.meta.url));
const { chromium } = require("playwright-core");

const VIEWPORT = { width: 1440, height: 900 };
const SPEED = 7500; // pixels a second: eight screens
const MS = 8000;
const LIST = ".rows";
const ROW = 64; // pixels

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** As long as the way, and as wide as the list. */
function control() {
  const rows = Array.from({ length: Math.ceil((SPEED * MS) / 1000 / ROW) + 100 }, (_, index) =>
    `<a href="#${index}">Message ${index}<br>to you@bench.test</a>`);
  return `<!doctype html><style>
    body { margin: 0; font: 14px/20px sans-serif }
    .rows { width: 380px; height: 100vh; overflow: auto; background: #fff }
    a { display: block; contain: strict; height: ${ROW}px; border-bottom: 1px solid #ccc }
    </style><div class="rows">${rows.join("")}</div>`;
}

/** What the browser says of its frames while `act` runs. */
async function traced(browser, act) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const complete = new Promise(resolve => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: {
      excludedCategories: ["*"],
      includedCategories: ["disabled-by-default-devtools.timeline.frame"],
    },
  });
  await act();
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  return events;
}

/** By real turns of a wheel over the middle of the list. */
async function scroll(page) {
  const { x, y, width, height } = await page.locator(LIST).boundingBox();
  const session = await page.context().newCDPSession(page);
  await session.send("Input.synthesizeScrollGesture", {
    x: x + width / 2,
    y: y + height / 2,
    yDistance: (-SPEED * MS) / 1000,
    speed: SPEED,
    gestureSourceType: "mouse",
    preventFling: true,
  });
  await session.detach();
}

/**
 * Of the frames in which the page was scrolled. One of which the compositor showed at least its own
 * part is not dropped: it moved on, and what scripts changed followed with the next.
 */
function framesOf(events) {
  const frames = new Map();
  for (const { name, ph, pid, args } of events) {
    if (name !== "PipelineReporter" || ph !== "b") continue;
    const { state, scroll_state, frame_sequence } = args.frame_reporter;
    if (scroll_state === "SCROLL_NONE" || state === "STATE_NO_UPDATE_DESIRED") continue;
    const key = `${pid} ${frame_sequence}`;
    const isShown = state.startsWith("STATE_PRESENTED");
    const known = frames.get(key);
    frames.set(key, {
      isShown: isShown || known?.isShown,
      byScript: scroll_state === "SCROLL_MAIN_THREAD" || known?.byScript,
    });
  }
  const all = [...frames.values()];
  return {
    frames: all.length,
    dropped: all.filter(({ isShown }) => !isShown).length,
    by_script: all.filter(({ byScript }) => byScript).length,
  };
}

async function measure(browser, open) {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await open(page);
  await page.locator(`${LIST} a`).first().waitFor();
  const events = await traced(browser, () => scroll(page));
  const top = await page.locator(LIST).evaluate(list => list.scrollTop);
  await page.close();
  return { ...framesOf(events), pixels: top };
}

const [executablePath, turns, url] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
try {
  for (let turn = 0; turn < Number(turns); turn++) {
    const list = await measure(browser, page => page.goto(url));
    const plain = await measure(browser, page => page.setContent(control()));
    console.log(JSON.stringify({ list, control: plain }));
  }
} finally {
  await browser.close();
}
