import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiError, getExcerpt, getMessage, isAbort } from "../src/api";

const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
const never = new AbortController().signal;

function answer(make: (init: RequestInit) => Response | Promise<Response>): void {
  globalThis.fetch = async (_, init = {}) => make(init);
}

function ranged(init: RequestInit): Response {
  const [, first, last] =
    /^bytes=(\d+)-(\d+)$/.exec(new Headers(init.headers).get("Range") ?? "") ?? [];
  const part = bytes.slice(Number(first), Number(last) + 1);
  const headers = { "Content-Range": `bytes ${first}-${Number(first) + part.length - 1}/100` };
  return new Response(part, { status: 206, headers });
}

const servers: [string, (init: RequestInit) => Response][] = [
  ["that knows ranges", ranged],
  ["that ignores ranges", () => new Response(bytes)],
];

for (const [name, server] of servers) {
  test(`an excerpt from a server ${name}`, async () => {
    answer(server);
    const some = await getExcerpt("http://x/", 10, 20, never);
    assert.deepEqual([...some.bytes], [...bytes.subarray(10, 30)]);
    assert.equal(some.complete, false);

    const rest = await getExcerpt("http://x/", 10, 90, never);
    assert.deepEqual([...rest.bytes], [...bytes.subarray(10)]);
    assert.equal(rest.complete, true);
  });
}

test("an excerpt of an endless answer ends", async () => {
  const endless = new ReadableStream({
    pull: controller => controller.enqueue(new Uint8Array(10)),
  });
  answer(() => new Response(endless));
  const excerpt = await getExcerpt("http://x/", 0, 25, never);
  assert.equal(excerpt.bytes.length, 25);
  assert.equal(excerpt.complete, false);
});

test("a failure has the server's own words", async () => {
  const problem = { title: "Not Found", status: 404, detail: "There is no message 7" };
  answer(() => Response.json(problem, { status: 404 }));
  await assert.rejects(getMessage(7, never), (error: ApiError) => {
    assert.equal(error.message, "There is no message 7");
    return error.isMissing;
  });
});

test("a failure without words has the status", async () => {
  answer(() => new Response("<html>", { status: 502 }));
  await assert.rejects(getMessage(7, never), /answered 502/);
});

test("no answer is a failure too, an abort is none", async () => {
  answer(() => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(getMessage(7, never), (error: ApiError) => error.status === 0);
  answer(() => Promise.reject(new DOMException("aborted", "AbortError")));
  await assert.rejects(getMessage(7, never), isAbort);
});
