import assert from "node:assert/strict";
import { test } from "node:test";
import { hasDarkColours, remoteImages } from "../src/view/message/html-facts";
import { paintHeader, paintHtml } from "../src/view/message/paint";
import { quoted } from "../src/view/again";

test("pictures from elsewhere are counted", () => {
  const cases: [string, number][] = [
    ["", 0],
    ['<img src="https://a.test/x.png">', 1],
    ["<img width=1 src=http://a.test/x.png><IMG SRC='//a.test/y'>", 2],
    ['<img src="cid:logo"><img src="data:image/png;base64,AA==">', 0],
    ['<td background="https://a.test/x.png">', 1],
    ['<p style="background: url(https://a.test/x)">', 1],
    ["<style>a { background: url( 'http://a.test/x' ) }</style>", 1],
    ['<a href="https://a.test/">https://a.test/</a>', 0],
    ['<!-- <img src="https://a.test/x.png"> -->', 0],
  ];
  for (const [html, count] of cases) assert.equal(remoteImages(html), count, html);
});

test("colours for the dark are noticed", () => {
  const own = "<style>@media screen and (prefers-color-scheme:dark) { p { color: #fff } }</style>";
  assert.ok(hasDarkColours(own));
  assert.ok(!hasDarkColours("<p>It prefers-color-scheme: dark</p>"));
  assert.ok(!hasDarkColours("@media (prefers-color-scheme: light)"));
});

test("counting takes no longer for being made hard", () => {
  const begun = performance.now();
  remoteImages("<img ".repeat(200_000));
  remoteImages("<!--".repeat(200_000));
  assert.ok(performance.now() - begun < 5000);
});

test("a line is painted without losing anything", () => {
  for (const line of ["", "plain", '<a href="x" b=\'y\'>z</a>', "<!-- c --> <br/>", "<!doctype html>", "a < b"]) {
    assert.equal(paintHtml(line).map(({ text }) => text).join(""), line);
    assert.equal(paintHeader(line).map(({ text }) => text).join(""), line);
  }
  assert.deepEqual(paintHeader("Subject: x"), [{ text: "Subject:", kind: "name" }, { text: " x" }]);
  assert.equal(paintHtml("<!-- c -->")[0]?.kind, "comment");
});

test("what a shell would take apart is quoted", () => {
  assert.equal(quoted("a@b.test"), "a@b.test");
  assert.equal(quoted("it's $x"), "'it'\\''s $x'");
});

test("a line of nothing but tags is painted as far as it can be drawn quickly", () => {
  const line = "<b>x</b>".repeat(10_000);
  const pieces = paintHtml(line);
  assert.equal(pieces.map(({ text }) => text).join(""), line);
  assert.ok(pieces.length < 250, `${pieces.length} pieces`);
});
