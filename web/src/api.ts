// The REST API as the page uses it, one function per call; its types are those of openapi.yaml.
// Every read takes an AbortSignal; every failure is an ApiError, save an abort.

import type {
  Address,
  FaultPlan,
  FaultWish,
  Header,
  Inbox,
  InboxFields,
  Info,
  Message,
  MessagePatch,
  Part,
  Session,
  Transcript,
} from "./openapi";

export type {
  Address,
  Attachment,
  FaultPlan,
  FaultRule,
  FaultWish,
  Header,
  Inbox,
  InboxFields,
  Info,
  Message,
  Part,
  Session,
  Transcript,
} from "./openapi";

export type TranscriptEntry = Transcript["entries"][number];

export interface Page<T> {
  items: T[];
  total: number;
  next: number | null;
}

/** The first bytes of something that may be long. */
export interface Excerpt {
  bytes: Uint8Array;
  complete: boolean;
}

/** What is wrong with one field of a request. */
export interface FieldError {
  field: string;
  detail: string;
  position?: number; // in characters from 0
}

export class ApiError extends Error {
  /** `status` is 0 if no answer came. */
  constructor(
    readonly status: number,
    message: string,
    readonly fields: readonly FieldError[] = [],
  ) {
    super(message);
  }

  get isMissing(): boolean {
    return this.status === 404;
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}

const origin = globalThis.document?.baseURI ?? "http://localhost/";

/** The address of an API resource, below the base path the page was served from. */
export function apiUrl(path: string): string {
  return new URL(`api/v1/${path}`, origin).href;
}

export function messageUrl(id: number, rest = ""): string {
  return apiUrl(`messages/${id}${rest}`);
}

export function partUrl(id: number, part: string): string {
  return messageUrl(id, `/parts/${encodeURIComponent(part)}`);
}

async function toError(response: Response): Promise<ApiError> {
  const problem = await response.json().catch(() => ({}));
  const text = problem.detail ?? problem.title ?? `The server answered ${response.status}`;
  return new ApiError(response.status, String(text), problem.errors ?? []);
}

async function call(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, "Mailstop does not answer");
  }
  if (!response.ok) throw await toError(response);
  return response;
}

async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  return (await call(apiUrl(path), { signal, cache: "no-store" })).json();
}

function inboxPath(inbox: string): string {
  return `inboxes/${encodeURIComponent(inbox)}`;
}

/** Of all inboxes if the name is empty. */
function messagesPath(inbox: string): string {
  return inbox ? `${inboxPath(inbox)}/messages` : "messages";
}

export function getInfo(signal: AbortSignal): Promise<Info> {
  return getJson("info", signal);
}

/** The newest ones. */
export function listInboxes(limit: number, signal: AbortSignal): Promise<Page<Inbox>> {
  return getJson(`inboxes?limit=${limit}`, signal);
}

export function getInbox(inbox: string, signal: AbortSignal): Promise<Inbox> {
  return getJson(inboxPath(inbox), signal);
}

export function listMessages(
  inbox: string,
  { limit, before, query }: { limit: number; before?: number | undefined; query: string },
  signal: AbortSignal,
): Promise<Page<Message>> {
  const parameters = new URLSearchParams({ limit: String(limit) });
  if (query) parameters.set("query", query);
  if (before !== undefined) parameters.set("before", String(before));
  return getJson(`${messagesPath(inbox)}?${parameters}`, signal);
}

export interface SessionsRequest {
  limit: number;
  before: number | null;
  after: number | null;
  inbox: string;
  query: string;
}

export function listSessions(
  request: SessionsRequest,
  signal: AbortSignal,
): Promise<Page<Session>> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) {
    if (value !== null && value !== "") parameters.set(name, String(value));
  }
  return getJson(`sessions?${parameters}`, signal);
}

export function getSession(id: number, signal: AbortSignal): Promise<Transcript> {
  return getJson(`sessions/${id}`, signal);
}

export function getMessageTranscript(id: number, signal: AbortSignal): Promise<Transcript> {
  return getJson(`messages/${id}/transcript`, signal);
}

export function getMessage(id: number, signal: AbortSignal): Promise<Message> {
  return getJson(`messages/${id}`, signal);
}

export function getHeaders(id: number, signal: AbortSignal): Promise<Header[]> {
  return getJson(`messages/${id}/headers`, signal);
}

export function getParts(id: number, signal: AbortSignal): Promise<Part> {
  return getJson(`messages/${id}/parts`, signal);
}

/** At most `limit` bytes from `offset` on; a server that ignores Range is cut off. */
export async function getExcerpt(
  url: string,
  offset: number,
  limit: number,
  signal: AbortSignal,
): Promise<Excerpt> {
  const range = `bytes=${offset}-${offset + limit - 1}`;
  const response = await call(url, { signal, headers: { Range: range } });
  const skip = response.status === 206 ? 0 : offset;
  const size = Number(response.headers.get("Content-Range")?.split("/")[1]);
  const all = await readAtMost(response, skip + limit);
  const bytes = all.bytes.subarray(skip);
  return { bytes, complete: size ? offset + bytes.length >= size : all.complete };
}

async function readAtMost(response: Response, limit: number): Promise<Excerpt> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reader && length <= limit) {
    const { done, value } = await reader.read();
    if (done) return { bytes: join(chunks, length), complete: true };
    chunks.push(value);
    length += value.length;
  }
  await reader?.cancel();
  return { bytes: join(chunks, length).subarray(0, limit), complete: !reader };
}

function join(chunks: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function sendJson<T>(method: string, path: string, body: object): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return (await call(apiUrl(path), { method, headers, body: JSON.stringify(body) })).json();
}

export function createInbox(fields: InboxFields): Promise<Inbox> {
  return sendJson("POST", "inboxes", fields);
}

export function changeInbox(inbox: string, fields: InboxFields): Promise<Inbox> {
  return sendJson("PATCH", inboxPath(inbox), fields);
}

export async function renewCredentials(inbox: string): Promise<Inbox> {
  return (await call(apiUrl(`${inboxPath(inbox)}/credentials`), { method: "POST" })).json();
}

export async function deleteInbox(inbox: string): Promise<void> {
  await call(apiUrl(inboxPath(inbox)), { method: "DELETE" });
}

export interface Draft {
  from: Address;
  to: string;
  subject: string;
  text: string;
  html: string;
}

export function addMessage(inbox: string, draft: Draft): Promise<Message> {
  return sendJson("POST", `${inboxPath(inbox)}/messages`, draft);
}

/** Of an inbox, or of all sessions if its name is empty. */
function faultsPath(inbox: string): string {
  return inbox ? `${inboxPath(inbox)}/faults` : "faults";
}

export function getFaults(inbox: string, signal: AbortSignal): Promise<FaultPlan> {
  return getJson(faultsPath(inbox), signal);
}

export function putFaults(inbox: string, wish: FaultWish): Promise<FaultPlan> {
  return sendJson("PUT", faultsPath(inbox), wish);
}

export async function deleteFaults(inbox: string): Promise<void> {
  await call(apiUrl(faultsPath(inbox)), { method: "DELETE" });
}

export type Marks = MessagePatch;

const MARKED_AT_ONCE = 1000; // ids that one request may name

export async function setMarks(ids: readonly number[], marks: Marks): Promise<void> {
  for (let at = 0; at < ids.length; at += MARKED_AT_ONCE) {
    const some = ids.slice(at, at + MARKED_AT_ONCE);
    await sendJson("PATCH", "messages", { ids: some, set: marks });
  }
}

/** Goes through even if the page is being closed. */
export async function deleteMessage(id: number): Promise<void> {
  await call(messageUrl(id), { method: "DELETE", keepalive: true });
}

/** All messages that a query finds, or all, as they were when somebody looked. */
export interface Whole {
  inbox: string; // empty for all
  query: string; // empty for all
  before: number; // ids below it
}

/** Which they are, as a request says it. */
function named({ query, before }: Whole) {
  return query ? { query, before } : { all: true, before };
}

export async function setMarksOf(whole: Whole, marks: Marks): Promise<void> {
  await sendJson("PATCH", messagesPath(whole.inbox), { ...named(whole), set: marks });
}

/** Goes through even if the page is being closed. */
export async function deleteWhole(whole: Whole): Promise<void> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(named(whole))) parameters.set(name, String(value));
  await call(apiUrl(`${messagesPath(whole.inbox)}?${parameters}`), { method: "DELETE", keepalive: true });
}

export async function clearInbox(inbox: string): Promise<void> {
  await call(apiUrl(`${messagesPath(inbox)}?all=true`), { method: "DELETE" });
}
