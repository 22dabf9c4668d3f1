// The rules of a fault plan in words, and as a form holds them. What the form does not know of a
// rule stays as it is.

import type { FaultRule } from "../api";

export const stages = [
  ["connect", "When it connects"],
  ["helo", "At EHLO or HELO"],
  ["starttls", "At STARTTLS"],
  ["auth", "At AUTH"],
  ["mail", "At MAIL"],
  ["rcpt", "At RCPT"],
  ["data", "At DATA"],
  ["data_end", "At the end of a message"],
  ["rset", "At RSET"],
  ["quit", "At QUIT"],
  ["session", "All the time"],
] as const;

export const presets = [
  ["bounce", "Bounce", "there is no such user, ever"],
  ["greylisting", "Greylisting", "refuses what is new for five minutes"],
  ["rate-limit", "Rate limit", "ten messages a minute"],
  ["flaky", "Flaky", "fails now and then"],
  ["slow", "Slow", "seconds for each message"],
  ["outage", "Outage", "refuses everybody"],
  ["mailbox-full", "Mailbox full", "refuses each recipient"],
  ["cut-off", "Cut off", "loses the connection in each message"],
] as const;

export const actions = [
  ["reply", "Refuse with a reply"],
  ["delay", "Wait, then go on"],
  ["drop", "Cut the connection"],
  ["stall", "Answer no more"],
  ["other", "Something else"],
] as const;
export type Action = (typeof actions)[number][0];

const many = (value: string | string[]): string => (Array.isArray(value) ? value.join(", ") : value);

function replyText({ reply }: FaultRule): string {
  if (!reply) return "";
  const text = reply.text === undefined ? "" : ` “${many(reply.text)}”`;
  return `reply ${[reply.code, reply.enhanced].filter(Boolean).join(" ")}${text}`;
}

/** What it does. */
export function actText(rule: FaultRule): string {
  const acts = [
    rule.delay_ms !== undefined && `wait ${rule.delay_ms.toLocaleString()} ms`,
    replyText(rule),
    rule.full !== undefined && `mailbox full (${rule.full})`,
    rule.greylist && !rule.reply && "greylist",
    rule.rate_limit && !rule.reply && "refuse",
    rule.drop && `cut the connection${rule.when ? ` ${rule.when.replace("-", " ")}` : ""}`,
    rule.stall && "answer no more",
    rule.fail && `TLS: ${rule.fail.replaceAll("-", " ")}`,
    rule.hide && `do not offer ${many(rule.hide)}`,
    rule.throttle_bytes_per_second &&
      `${rule.throttle_bytes_per_second.toLocaleString()} octets a second`,
  ];
  return acts.filter(Boolean).join(", then ") || "go on as ever";
}

/** When it does so. */
export function whenText(rule: FaultRule): string {
  const parts = [
    stages.find(([name]) => name === rule.stage)?.[1] ?? rule.stage,
    rule.bytes !== undefined && `after ${rule.bytes.toLocaleString()} octets`,
    rule.address && `to ${rule.address}`,
    rule.sender && `from ${rule.sender}`,
    rule.helo && `of client ${rule.helo}`,
    rule.ip && `from address ${rule.ip}`,
    rule.greylist && `for the first ${rule.greylist.seconds} s`,
    rule.rate_limit &&
      `beyond ${rule.rate_limit.count} in ${rule.rate_limit.window_seconds} s`,
    rule.after && `not the first ${rule.after}`,
    rule.every && `each ${rule.every}th`,
    rule.times && `${rule.times === 1 ? "once" : `${rule.times} times`}`,
    rule.probability && `${Math.round(rule.probability * 1000) / 10} % of them`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** As text fields hold it; empty where nothing is said. */
export interface RuleForm {
  stage: FaultRule["stage"];
  action: Action;
  code: string;
  text: string;
  delay: string;
  address: string;
  sender: string;
  times: string;
  after: string;
  probability: string; // in percent
}

const shown = (value: number | string | undefined): string => (value === undefined ? "" : `${value}`);

export function toForm(rule: FaultRule): RuleForm {
  return {
    stage: rule.stage,
    action: actionOf(rule),
    code: shown(rule.reply?.code),
    text: rule.reply?.text === undefined ? "" : [rule.reply.text].flat().join("\n"),
    delay: shown(rule.delay_ms),
    address: shown(rule.address),
    sender: shown(rule.sender),
    times: shown(rule.times),
    after: shown(rule.after),
    probability: shown(rule.probability && rule.probability * 100),
  };
}

function actionOf(rule: FaultRule): Action {
  if (rule.reply) return "reply";
  if (rule.drop) return "drop";
  if (rule.stall) return "stall";
  const { stage, delay_ms, ...rest } = rule;
  const known = ["address", "sender", "helo", "ip", "times", "after", "every", "probability", "hits"];
  return delay_ms && Object.keys(rest).every(name => known.includes(name)) ? "delay" : "other";
}

const number = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));
const words = (text: string): string | undefined => text.trim() || undefined;

function replyOf(form: RuleForm, old: FaultRule): FaultRule["reply"] {
  if (form.action !== "reply") return undefined;
  const lines = form.text.split("\n").filter(line => line.trim() !== "");
  const code = number(form.code) ?? 450;
  const isSame = code === old.reply?.code;
  return {
    code,
    enhanced: isSame ? old.reply?.enhanced : undefined,
    text: lines.length > 1 ? lines : lines[0],
  };
}

/** The rule that the form and, beside it, the old rule say. */
export function fromForm(form: RuleForm, old: FaultRule): FaultRule {
  const { hits: _, ...kept } = old;
  const percent = number(form.probability);
  const acts =
    form.action === "other"
      ? {}
      : {
          reply: replyOf(form, old),
          drop: form.action === "drop" || undefined,
          stall: form.action === "stall" || undefined,
          when: form.action === "drop" ? old.when : undefined,
          full: undefined,
        };
  return {
    ...kept,
    ...acts,
    stage: form.stage,
    delay_ms: number(form.delay),
    address: words(form.address),
    sender: words(form.sender),
    times: number(form.times),
    after: number(form.after),
    probability: percent === undefined ? undefined : percent / 100,
  };
}

/** As they are put: hits are the server's to count. */
export function bare(rules: readonly FaultRule[]): FaultRule[] {
  return rules.map(({ hits: _, ...rule }) => rule);
}

/** The rule at `from` takes the place `to`. */
export function moved(rules: readonly FaultRule[], from: number, to: number): FaultRule[] {
  const rest = rules.filter((_, index) => index !== from);
  return [...rest.slice(0, to), rules[from] as FaultRule, ...rest.slice(to)];
}
