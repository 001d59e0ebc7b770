/** Parses chains in a child process that starts on demand, ends after a time without work, and whose death costs one answer. */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { CertificateFacts } from "./certificate-facts.ts";

const CHILD = fileURLToPath(new URL("./certificate-child.ts", import.meta.url));
const CHAINS_KEPT = 1_000;
const MAX_CERTIFICATES = 16;

export interface CertificateReaderOptions {
  /** Without work for this long the child ends, ms. Default 30 s. */
  readonly idleMs?: number;
  /** Longest time for one chain, ms. Default 5 s. */
  readonly parseMs?: number;
  /** Module of the child; another one in tests of its death. */
  readonly child?: string;
}

export interface CertificateReader {
  /** Facts of each certificate, leaf first; where the parser dies of one, its fingerprint and what happened. Never rejects. */
  read(chain: readonly Uint8Array[]): Promise<CertificateFacts[]>;
  /** Whether the child runs. */
  readonly running: boolean;
  close(): void;
}

interface Reply {
  readonly id: number;
  readonly facts: CertificateFacts[];
}

export function createCertificateReader(options: CertificateReaderOptions = {}): CertificateReader {
  const { idleMs = 30_000, parseMs = 5_000, child: path = CHILD } = options;
  /** Looks repeat and chains rarely change: most need no child at all. */
  const known = new Map<string, CertificateFacts[]>();
  const waiting = new Map<number, (facts: CertificateFacts[] | undefined) => void>();
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  let turn: Promise<unknown> = Promise.resolve();

  function start(): ChildProcess {
    const started = fork(path, [], {
      serialization: "advanced",
      execArgv: ["--max-old-space-size=64"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    started.on("message", (reply: Reply) => settle(reply.id, reply.facts));
    started.on("error", () => gone(started));
    started.on("exit", () => gone(started));
    // A parser at rest must not keep the agent from ending.
    started.unref();
    started.channel?.unref();
    child = started;
    return started;
  }

  function gone(ended: ChildProcess): void {
    if (child !== ended) return;
    child = undefined;
    for (const id of [...waiting.keys()]) settle(id, undefined);
  }

  function settle(id: number, facts: CertificateFacts[] | undefined): void {
    waiting.get(id)?.(facts);
    waiting.delete(id);
  }

  function stop(): void {
    const ending = child;
    child = undefined;
    ending?.kill("SIGKILL");
  }

  async function parse(chain: readonly Uint8Array[]): Promise<CertificateFacts[] | undefined> {
    clearTimeout(idle);
    const id = ++lastId;
    const at = child ?? start();
    const timer = setTimeout(() => {
      stop();
      settle(id, undefined);
    }, parseMs);
    const answer = new Promise<CertificateFacts[] | undefined>((resolve) => waiting.set(id, resolve));
    at.send({ id, chain: chain.map((der) => new Uint8Array(der)) }, (error) => {
      if (error !== null) settle(id, undefined);
    });
    const facts = await answer;
    clearTimeout(timer);
    idle = setTimeout(stop, idleMs);
    idle.unref();
    return facts;
  }

  async function readChain(chain: readonly Uint8Array[]): Promise<CertificateFacts[]> {
    const whole = await parse(chain);
    if (whole !== undefined) return whole;
    const facts: CertificateFacts[] = [];
    // One of them killed the parser: alone, each costs only itself.
    for (const der of chain) facts.push(...((await parse([der])) ?? [unreadable(der)]));
    return facts;
  }

  return {
    async read(chain) {
      if (chain.length === 0) return [];
      const capped = chain.slice(0, MAX_CERTIFICATES);
      const key = digest(Buffer.concat(capped.map((der) => Buffer.from(digest(der)))));
      const before = known.get(key);
      if (before !== undefined) return before;
      const mine = turn.then(() => readChain(capped));
      turn = mine.catch(() => undefined);
      const facts = await mine;
      if (known.size >= CHAINS_KEPT) known.delete(known.keys().next().value ?? "");
      known.set(key, facts);
      return facts;
    },
    get running() {
      return child !== undefined;
    },
    close() {
      clearTimeout(idle);
      stop();
    },
  };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function unreadable(der: Uint8Array): CertificateFacts {
  return {
    sha256: digest(der),
    spkiSha256: "",
    subject: "",
    issuer: "",
    serialNumber: "",
    keyType: "",
    signatureOid: "",
    selfIssued: false,
    ca: false,
    names: [],
    malformed: "certificate: the parser died of it",
  };
}
