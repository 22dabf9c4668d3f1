// The address bar is the state: what is shown follows from `route`, and changes by `navigate`.

import { signal } from "@preact/signals";

export const tabs = [
  "preview",
  "text",
  "source",
  "headers",
  "parts",
  "transcript",
  "raw",
] as const;
export type Tab = (typeof tabs)[number];

export interface InboxRoute {
  page: "inbox";
  inbox: string; // empty for all
  query: string;
  message: number | null;
  tab: Tab;
}

export interface SessionsRoute {
  page: "sessions";
  inbox: string; // empty for all
  failed: boolean;
  query: string;
  session: number | null;
}

export interface FaultsRoute {
  page: "faults";
  inbox: string; // empty for the plan of all sessions
}

export type Route = InboxRoute | SessionsRoute | FaultsRoute | { page: "inboxes" } | { page: "unknown" };

export const START: InboxRoute = {
  page: "inbox",
  inbox: "default",
  query: "",
  message: null,
  tab: "preview",
};

/** `path` begins after the base path, without a slash. */
export function parseRoute(path: string, search = ""): Route {
  const [page, ...rest] = path.split("/").map(decode);
  const [inbox, ...place] = rest;
  if (page === "" && inbox === undefined) return parseInbox(START.inbox, [], search);
  if (page === "inbox" && inbox) return parseInbox(inbox, place, search);
  if (page === "all") return parseInbox("", rest, search);
  if (page === "sessions") return parseSessions(path, search);
  if (page === "faults" && place.length === 0) return { page: "faults", inbox: inbox ?? "" };
  if (page === "inboxes" && inbox === undefined) return { page: "inboxes" };
  return { page: "unknown" };
}

function parseInbox(inbox: string, place: readonly string[], search: string): Route {
  const query = new URLSearchParams(search).get("query") ?? "";
  const [kind = "", id, tab = "preview", ...rest] = place;
  if (kind === "" && id === undefined) return { ...START, inbox, query };
  if (kind !== "message" || !isId(id) || !isTab(tab) || rest.length > 0) return { page: "unknown" };
  return { page: "inbox", inbox, query, message: Number(id), tab };
}

function parseSessions(path: string, search: string): Route {
  const [, id, ...rest] = path.split("/");
  if ((id !== undefined && !isId(id)) || rest.length > 0) return { page: "unknown" };
  const parameters = new URLSearchParams(search);
  return {
    page: "sessions",
    inbox: parameters.get("inbox") ?? "",
    failed: parameters.has("failed"),
    query: parameters.get("query") ?? "",
    session: id === undefined ? null : Number(id),
  };
}

function formatSessions({ inbox, failed, query, session }: SessionsRoute): string {
  const parameters = new URLSearchParams();
  if (inbox) parameters.set("inbox", inbox);
  if (failed) parameters.set("failed", "true");
  if (query) parameters.set("query", query);
  const path = session === null ? "sessions" : `sessions/${session}`;
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

function isId(segment: string | undefined): segment is string {
  return /^[1-9]\d{0,15}$/.test(segment ?? "");
}

export function formatRoute(route: Route): string {
  if (route.page === "sessions") return formatSessions(route);
  if (route.page === "faults") {
    return route.inbox ? `faults/${encodeURIComponent(route.inbox)}` : "faults";
  }
  if (route.page !== "inbox") return "inboxes";
  const { inbox, message, tab, query } = route;
  const path = inbox ? ["inbox", inbox] : ["all"];
  if (message !== null) path.push("message", String(message));
  if (message !== null && tab !== "preview") path.push(tab);
  const search = query ? `?${new URLSearchParams({ query })}` : "";
  return path.map(encodeURIComponent).join("/") + search;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function isTab(name: string): name is Tab {
  return (tabs as readonly string[]).includes(name);
}

const base = new URL(globalThis.document?.baseURI ?? "http://localhost/");

function here(): Route {
  if (!globalThis.location) return START;
  return parseRoute(location.pathname.slice(base.pathname.length), location.search);
}

export const route = signal<Route>(here());

export function hrefOf(target: Route): string {
  return new URL(formatRoute(target), base).href;
}

/** `replace`: going back skips the place that is left. */
export function navigate(target: Route, { replace = false } = {}): void {
  const href = hrefOf(target);
  if (href !== globalThis.location?.href) {
    globalThis.history?.[replace ? "replaceState" : "pushState"](null, "", href);
  }
  route.value = target;
}

/** Plain clicks on links to places of the page change the route and load nothing. */
export function followLinks(root: Document): void {
  window.addEventListener("popstate", () => {
    route.value = here();
  });
  root.addEventListener("click", event => {
    const link =
      event.target instanceof Element && event.target.closest<HTMLAnchorElement>("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!link || !plain || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return;
    event.preventDefault();
    navigate(parseRoute(url.pathname.slice(base.pathname.length), url.search));
  });
}
