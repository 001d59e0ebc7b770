/** Every NATS name of the product: built and parsed here and nowhere else (docs/wire.md). */

/** One token of a subject: an id of ours. Dots, wildcards and white space would change the meaning of a subject. */
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

export const STREAM = { observations: "OBSERVATIONS", log: "LOG", events: "EVENTS", members: "MEMBERS" } as const;

export const EVENT_KINDS = ["transition", "drift", "exposure", "device", "agent", "attestation"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface AgentAddress {
  readonly tenant: string;
  readonly site: string;
  readonly agent: string;
}

export class SubjectError extends Error {
  override readonly name = "SubjectError";
}

function token(field: string, value: string): string {
  if (!TOKEN.test(value)) throw new SubjectError(`${field}: "${value}" must be 1 to 64 letters, digits, "-" or "_"`);
  return value;
}

export function isToken(value: string): boolean {
  return TOKEN.test(value);
}

function agentSubject(prefix: string, a: AgentAddress): string {
  return `${prefix}.v1.${token("tenant", a.tenant)}.${token("site", a.site)}.${token("agent", a.agent)}`;
}

export function observationSubject(a: AgentAddress): string {
  return agentSubject("obs", a);
}

export function receiptSubject(a: AgentAddress): string {
  return agentSubject("rcp", a);
}

/** Every observation of one tenant: the subjects of its account's stream. */
export const OBSERVATION_WILDCARD = "obs.v1.*.*.*";
export const RECEIPT_WILDCARD = "rcp.v1.*.*.*";

export function changesetSubject(bucket: number): string {
  if (!Number.isInteger(bucket) || bucket < 0) throw new SubjectError(`bucket: ${bucket} must be a whole number from 0`);
  return `chg.v1.${bucket}`;
}

export const CHANGESET_WILDCARD = "chg.v1.*";

export function documentSubject(tenant: string): string {
  return `doc.v1.${token("tenant", tenant)}`;
}

export const DOCUMENT_WILDCARD = "doc.v1.*";

export function eventSubject(tenant: string, site: string, kind: EventKind): string {
  return `evt.v1.${token("tenant", tenant)}.${token("site", site)}.${kind}`;
}

export const EVENT_WILDCARD = "evt.v1.*.*.*";

/** Wake-up for the holder of a bucket; may be lost. */
export function hintSubject(bucket: number): string {
  return `hint.v1.${bucket}`;
}

/** A collector that lives: its last word, which the broker forgets after a moment. */
export function memberSubject(member: string): string {
  return `member.v1.${token("member", member)}`;
}

export const MEMBER_WILDCARD = "member.v1.*";

export function inboxPrefix(agent: string): string {
  return `_INBOX_${token("agent", agent)}`;
}

function parseAgentSubject(prefix: string, subject: string): AgentAddress {
  const parts = subject.split(".");
  const [head, version, tenant, site, agent] = parts;
  if (parts.length !== 5 || head !== prefix || version !== "v1" || tenant === undefined || site === undefined || agent === undefined) {
    throw new SubjectError(`"${subject}" is not ${prefix}.v1.<tenant>.<site>.<agent>`);
  }
  return { tenant: token("tenant", tenant), site: token("site", site), agent: token("agent", agent) };
}

export function parseObservationSubject(subject: string): AgentAddress {
  return parseAgentSubject("obs", subject);
}

export function parseReceiptSubject(subject: string): AgentAddress {
  return parseAgentSubject("rcp", subject);
}

/** Headers of an observation message, so that what does not decode can still be receipted as rejected. */
export const HEADER = { epoch: "Vedette-Epoch", first: "Vedette-First", last: "Vedette-Last" } as const;
