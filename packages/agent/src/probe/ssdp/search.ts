/** ssdp.search: M-SEARCH by multicast on one interface, or by unicast to one host; what answers, by sender. */
import { create } from "@bufbuild/protobuf";
import { SsdpSearchPostureSchema, SsdpSearchVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { classify } from "../../classify.ts";
import { collect } from "../../net/collect.ts";
import { DialError } from "../../net/dial.ts";
import { authority } from "../../net/http.ts";
import { SSDP, SSDP_V6 } from "../../net/multicast.ts";
import { WireError } from "../../net/wire-error.ts";
import type { Found, ManyProbe } from "../probe.ts";
import { parseAnswer, type Service, searchText } from "./wire.ts";

const Options = z.strictObject({
  /** Own address of the interface in scope to search by; absent: unicast to the target. */
  via: z.string().optional(),
  /** Seconds over which devices spread their answers, 1 to 5. */
  mx: z.int().min(1).max(5).default(2),
});
export type SsdpSearchOptions = z.infer<typeof Options>;

const MAX_SENDERS = 1024;
const MAX_SERVICES = 128;
const MAX_DATAGRAM = 8 * 1024;
/** UDP loses; UPnP Device Architecture 2.0 1.3.2 has every search sent more than once. */
const SEARCHES = 2;
const APART_MS = 250;

interface Heard {
  readonly services: Map<string, Service>;
  readonly first: Uint8Array;
}

export const ssdpSearch: ManyProbe<"ssdp.search", SsdpSearchOptions> = {
  id: "ssdp.search",
  version: 1,
  transport: "udp",
  port: 1900,
  tier: "polite",
  deadlineMs: 10_000,
  options: Options,
  async runMany(target, { via, mx }, cx) {
    const heard = new Map<string, Heard>();
    try {
      const socket = await cx.dial.udp({ ...(via === undefined ? {} : { interfaceAddress: via }), maxDatagramBytes: MAX_DATAGRAM });
      const group = via?.includes(":") ? SSDP_V6 : SSDP;
      const to = via === undefined ? { address: target.address, port: target.port } : group;
      const message = Buffer.from(searchText(authority(to.address, to.port), via === undefined ? 0 : mx));
      for (let n = 0; n < SEARCHES; n++) {
        if (n > 0) await cx.clock.sleep(APART_MS, cx.signal);
        await socket.send(message, to.port, to.address);
      }
      for await (const { address, bytes } of collect(socket, cx.clock, mx * 1000 + 500, cx.signal)) {
        if (via === undefined && address !== target.address) continue;
        keep(heard, address, bytes);
      }
      return { found: foundIn(heard) };
    } catch (error) {
      if (!(error instanceof DialError) && !cx.signal.aborted) throw error;
      return { found: foundIn(heard), fault: classify(error, "response") };
    }
  },
};

function keep(heard: Map<string, Heard>, address: string, bytes: Uint8Array): void {
  let service: Service;
  try {
    service = parseAnswer(bytes);
  } catch (error) {
    // One device's broken answer does not cost the others theirs.
    if (error instanceof WireError) return;
    throw error;
  }
  const sender = heard.get(address) ?? (heard.size < MAX_SENDERS ? { services: new Map<string, Service>(), first: bytes } : undefined);
  if (!sender || (sender.services.size >= MAX_SERVICES && !sender.services.has(service.usn))) return;
  sender.services.set(service.usn, service);
  heard.set(address, sender);
}

function foundIn(heard: ReadonlyMap<string, Heard>): Found<"ssdp.search">[] {
  return [...heard].map(([address, { services, first }]) => {
    const sorted = [...services.values()].sort((a, b) => (a.usn < b.usn ? -1 : 1));
    const bootId = sorted.find((s) => s.bootId !== undefined)?.bootId;
    const configId = sorted.find((s) => s.configId !== undefined)?.configId;
    return {
      subject: { kind: "host", address },
      posture: create(SsdpSearchPostureSchema, {
        services: sorted.map(({ usn, target, location, server }) => ({ usn, target, location, server })),
      }),
      volatile: create(SsdpSearchVolatileSchema, {
        ...(bootId === undefined ? {} : { bootId }),
        ...(configId === undefined ? {} : { configId }),
      }),
      evidence: [{ label: "answer", bytes: first }],
    };
  });
}
