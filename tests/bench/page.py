"""The page: what it weighs, and whether its list scrolls smoothly."""
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse

import messages
import rows
from rows import Measure, NotHere, NotMet, NotYet, at_most

SCROLL = pathlib.Path(__file__).with_name("scroll.mjs")
PLAYWRIGHT = SCROLL.parents[1] / "browser/node_modules/playwright-core"
LISTED = 100_000  # messages
TURN_MOST = 60  # seconds for the list and the control


def transferred(rest, path):
    """The octets on the wire for a browser that takes gzip, and the text in them."""
    response = rest.request("GET", path, {"Accept-Encoding": "gzip"})
    body = response.read()
    packed = response.getheader("Content-Encoding") == "gzip"
    if response.status != 200:
        raise NotMet(f"{path} is answered {response.status}")
    return len(body), gzip.decompress(body) if packed else body, response.getheader("Content-Type")


def referred(html):
    """The paths of what a browser fetches for the page."""
    tags = re.findall(r"<(?:script|link|img)\b[^>]*>", html)
    links = (re.search(r'(?:src|href)="([^"]+)"', tag) for tag in tags)
    return sorted({urllib.parse.urljoin("/", link[1]) for link in links if link})


@rows.row("page", "Size", "Web page, everything, compressed", "kB", limits=[at_most(100)])
def page(bench):
    with bench.empty() as server, server.rest() as rest:
        size, html, kind = transferred(rest, "/")
        if not kind.startswith("text/html"):
            raise NotYet("the page is not built into this program")
        sizes = {"/": size}
        for path in referred(html.decode()):
            sizes[path] = transferred(rest, path)[0]
        return Measure(sum(sizes.values()) / 1000, samples=sizes, note=", ".join(
            f"{path} {octets:,}" for path, octets in sizes.items()))


def browser():
    """Chromium's path; the rest of what it takes is there."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not (path and shutil.which("node")):
        raise NotHere("needs node and chromium")
    if not PLAYWRIGHT.exists():
        raise NotHere("needs playwright-core: npm ci --prefix tests/browser")
    return path


def scrolled(path, url, turns):
    run = subprocess.run(["node", SCROLL, path, str(turns), url], capture_output=True, text=True,
                         timeout=30 + TURN_MOST * turns)
    if run.returncode:
        raise RuntimeError(run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def fill(bench, server):
    """Of many kinds, as a list has them; returns how many."""
    each = max(1, min(LISTED, bench.plan.messages) // len(bench.templates))
    for number, template in enumerate(bench.templates):
        bench.tools.send(server.smtp, each, template, True, messages.sender(number))
    return each * len(bench.templates)


def in_all(turns, side):
    frames, dropped = (sum(turn[side][name] for turn in turns) for name in ("frames", "dropped"))
    if frames == 0:
        raise RuntimeError("the browser's trace tells of no frames")
    return frames, dropped


@rows.row("page-scroll", "Size", "Frames dropped while a list of 100,000 messages scrolls",
          "frames", "a page of plain rows", [at_most(0)])
def page_scroll(bench):
    path = browser()
    with bench.empty() as server:
        listed = fill(bench, server)
        turns = scrolled(path, "http://%s:%d/" % server.http, bench.plan.rounds)
    frames, dropped = in_all(turns, "list")
    plain_frames, plain_dropped = in_all(turns, "control")
    return Measure(dropped, plain_dropped, samples={"turns": turns}, note=(
        f"{dropped} of {frames:,} frames, where plain rows dropped {plain_dropped} of "
        f"{plain_frames:,}; {listed:,} messages, {turns[0]['list']['pixels']:,.0f} pixels a turn"))
