/** The standing conversation with the centre: identity kept fresh, policy followed, tasks fetched, status told. Each part goes on by itself. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Policy, SignedPolicySchema, type TaskSubject } from "@vedette/proto";
import type { Logger } from "pino";
import { createBackOff } from "./back-off.ts";
import { type Control, centreOf, connectControl, type StatusReport } from "./control.ts";
import { keepIdentity, keysOf, type StoredIdentity, saveIdentity } from "./identity.ts";
import { createOffsetMeter, followSteps, type OffsetMeter } from "./offset.ts";
import { openPolicy, PolicyError } from "./policy.ts";
import type { Clock } from "./probe/probe.ts";
import { replaceFile } from "./replace-file.ts";

const STATUS_MS = 15_000;
const RENEW_CHECK_MS = 30_000;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 60_000;
/** Unheard for so long, the certificate may have ended for the centre while our clock, which is behind, says that it holds. */
const CUT_OFF_MS = 120_000;
const POLICY_FILE = "policy.bin";

export interface SessionParts {
  readonly data: string;
  readonly identity: StoredIdentity;
  /** The centre is at another address than at the last renewal: its brokers may be too, and Renew tells where. */
  readonly centreMoved?: boolean;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly connect?: typeof connectControl;
  readonly report: () => StatusReport;
  readonly onPolicy: (policy: Policy) => void;
  readonly onTask: (probe: string, subject: TaskSubject) => void;
}

export interface Session {
  /** As it stands after the last renewal. */
  readonly identity: StoredIdentity;
  readonly offset: OffsetMeter;
  /** Resolves when the offset has been measured for the first time. */
  readonly measured: Promise<void>;
  /** Runs until the signal; never throws for what network or centre do. */
  run(signal: AbortSignal): Promise<void>;
}

/** The last policy that was received, checked again. Undefined where there is none, or none that holds. */
export function storedPolicy(data: string, identity: StoredIdentity, logger: Logger): Policy | undefined {
  try {
    return openPolicy(fromBinary(SignedPolicySchema, readFileSync(join(data, POLICY_FILE))), Buffer.from(identity.policyKey, "base64"));
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ENOENT") logger.warn({ err }, "the stored policy does not hold: waiting for the centre's");
    return undefined;
  }
}

export function createSession(parts: SessionParts): Session {
  const { clock, logger, data } = parts;
  const connect = parts.connect ?? connectControl;
  const offset = followSteps(createOffsetMeter(), clock);
  const measured = Promise.withResolvers<void>();
  let identity = parts.identity;
  let control: Control = connect(centreOf(identity));
  let haveVersion = 0;
  let renewNow = parts.centreMoved === true;
  /** Monotonic clock, ms; undefined while the centre answers. */
  let unheardSince: number | undefined;

  function correctedNow(): number {
    return clock.wall() + (offset.offset()?.offsetMs ?? 0);
  }

  /** Repeats the work until the signal; what fails is tried again, ever more rarely. */
  async function keep(name: string, signal: AbortSignal, work: (reset: () => void) => Promise<void>): Promise<void> {
    const backOff = createBackOff(clock, parts.random, RETRY_MS, RETRY_MAX_MS);
    while (!signal.aborted) {
      try {
        await work(() => backOff.reset());
      } catch (err) {
        if (signal.aborted) return;
        logger.warn({ err, part: name }, "the centre could not be asked");
        await backOff.wait(signal);
      }
    }
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(ms, signal).catch(() => undefined);
  }

  /** Whether nobody has answered for long, nor answers now. */
  async function isCutOff(): Promise<boolean> {
    if (unheardSince === undefined || clock.monotonic() - unheardSince < CUT_OFF_MS) return false;
    return tell().then(
      () => false,
      () => true,
    );
  }

  /** @param expired the certificate has ended, by our clock or, as it seems, by the centre's */
  async function renew(expired: boolean): Promise<void> {
    const keys = keysOf(identity);
    // A server refuses an ended client certificate in the TLS handshake: without one the enrolled key speaks for us.
    const own = expired ? connect({ grpc: identity.grpc, ca: identity.ca }) : control;
    try {
      const answer = expired ? await own.renewBySignature(identity.agent, keys) : await own.renew(keys);
      if (answer.identity === undefined) throw new TypeError("the centre renewed nothing");
      identity = keepIdentity(identity, answer.identity, correctedNow());
      saveIdentity(data, identity);
    } finally {
      if (expired) own.close();
    }
    const old = control;
    control = connect(centreOf(identity));
    old.close();
    unheardSince = undefined;
    logger.info({ expires: new Date(identity.expiresMs).toISOString(), bySignature: expired }, "the identity was renewed");
  }

  async function watch(signal: AbortSignal, reset: () => void): Promise<void> {
    for await (const signed of control.watchPolicy(haveVersion, signal)) {
      reset();
      const policy = openPolicy(signed, Buffer.from(identity.policyKey, "base64"));
      if (policy.tenant !== identity.tenant || policy.site !== identity.site) throw new PolicyError("the policy is another site's");
      replaceFile(join(data, POLICY_FILE), toBinary(SignedPolicySchema, signed));
      haveVersion = policy.version;
      logger.info({ version: policy.version }, "a policy came");
      parts.onPolicy(policy);
    }
    // The stream ended in order: the centre restarts.
    await pause(RETRY_MS * (0.5 + parts.random()), signal);
  }

  async function tell(): Promise<void> {
    const leftMs = clock.wall();
    const left = clock.monotonic();
    let answer: Awaited<ReturnType<Control["reportStatus"]>>;
    try {
      answer = await control.reportStatus({ ...parts.report(), policyVersion: haveVersion });
    } catch (cause) {
      unheardSince ??= left;
      throw cause;
    }
    unheardSince = undefined;
    offset.add({ leftMs, roundTripMs: clock.monotonic() - left, receivedMs: answer.receivedMs, sentMs: answer.sentMs });
    measured.resolve();
  }

  return {
    get identity() {
      return identity;
    },
    offset,
    measured: measured.promise,
    async run(signal) {
      await Promise.all([
        keep("policy", signal, (reset) => watch(signal, reset)),
        keep("task", signal, async (reset) => {
          const { task, probe, subject } = await control.nextTask(signal);
          reset();
          if (task !== "" && subject !== undefined) parts.onTask(probe, subject);
        }),
        keep("status", signal, async (reset) => {
          await tell();
          reset();
          await pause(STATUS_MS, signal);
        }),
        keep("identity", signal, async (reset) => {
          const halfMs = identity.issuedMs + (identity.expiresMs - identity.issuedMs) / 2;
          const expired = correctedNow() >= identity.expiresMs || (await isCutOff());
          if (renewNow || expired || correctedNow() >= halfMs) await renew(expired);
          renewNow = false;
          reset();
          await pause(RENEW_CHECK_MS, signal);
        }),
      ]);
      control.close();
    },
  };
}
