/** What an agent that could not reach the centre for 72 hours has kept: an outbox on disk as the agent itself writes it. */
import { createHash } from "node:crypto";
import { createDiskOutbox } from "@vedette/agent/src/outbox/disk.ts";
import { type Entry, type Outbox, RANK } from "@vedette/agent/src/outbox/outbox.ts";
import { type ObservationInit, streamObservation } from "../../kit/index.ts";

const OFFLINE_MS = 72 * 3_600_000;
const DEVICES = 100;
/** Each look tells other facts once in so many rounds, else it only confirms. */
const CHANGE_EVERY = 20;

interface Base {
  readonly hash: Uint8Array;
  readonly seq: number;
}

/** One round: every device's stream is looked at. A change is a transition: the stream opens or closes. */
function entriesOf(
  round: number,
  wallMs: number,
  epoch: string,
  bases: readonly (Base | undefined)[],
): { entries: Entry[]; hashes: Buffer[] } {
  const hashes: Buffer[] = [];
  const entries = Array.from({ length: DEVICES }, (_, device) => {
    const turns = Math.floor((round + device) / CHANGE_EVERY);
    const address = `127.45.8.${device + 1}`;
    const { posture, draft } = streamObservation({ mark: String(turns), address, open: turns % 2 === 1, wallMs: wallMs + device });
    const hash = createHash("sha256").update(posture).digest();
    hashes.push(hash);
    const base = bases[device];
    const isSame = base !== undefined && hash.equals(base.hash);
    const confirm: ObservationInit["body"] = {
      case: "confirm",
      value: { hash, epoch, seq: base?.seq ?? 0, intervalMs: draft.intervalMs ?? 0 },
    };
    return {
      look: `drain/${device}`,
      rank: isSame ? RANK.confirmation : RANK.change,
      draft: isSame ? { ...draft, body: confirm } : draft,
      told: { outcome: draft.outcome ?? 0, fault: "", reportedAtMs: wallMs, repeats: 0 },
    };
  });
  return { entries, hashes };
}

/** Rounds evenly over the time offline, until it keeps at least so many observations. */
export function fillOutbox(path: string, observations: number): { readonly epoch: string; readonly kept: number } {
  const outbox: Outbox = createDiskOutbox({ path, now: Date.now });
  try {
    const rounds = Math.ceil(observations / DEVICES);
    const from = Date.now() - OFFLINE_MS;
    const bases: (Base | undefined)[] = [];
    for (let round = 0; round < rounds; round++) {
      const wallMs = from + (round * OFFLINE_MS) / rounds;
      const { entries, hashes } = entriesOf(round, Math.floor(wallMs), outbox.epoch.id, bases);
      for (const [device, seq] of outbox.append(entries).entries()) {
        const hash = hashes[device];
        if (hash !== undefined && entries[device]?.rank === RANK.change) bases[device] = { hash, seq };
      }
    }
    return { epoch: outbox.epoch.id, kept: outbox.size().depth };
  } finally {
    outbox.close();
  }
}
