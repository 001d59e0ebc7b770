/** A site where nothing happens: cameras whose ten looks are told once and confirmed every hour. */
import { sha256 } from "../../src/bucket/site-work.ts";
import type { StoredObservation } from "../../src/derive/index.ts";

export const HOUR = 3_600_000;
export const START = Date.UTC(2026, 0, 1);
const PORTS = [22, 80, 443, 554, 8000, 8080, 8443];
function addressOf(device: number): string {
  return `198.18.${device >> 8}.${device & 255}`;
}

interface Look {
  readonly probe: string;
  readonly port: number | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

function looksOf(device: number): Look[] {
  const ranges = PORTS.map((port) => ({ first: port, last: port }));
  const open = PORTS.map((port) => ({ port, protocol: "", banner: "" }));
  const connect = (list: string) => ({
    probe: "tcp.connect",
    port: null,
    facts: { list, covered: ranges, open, filtered: [], completeSweep: false },
  });
  const http = (port: number) => ({
    probe: "http.root",
    port,
    facts: {
      tls: false,
      status: 200,
      server: "",
      title: `camera ${device}`,
      redirect: "",
      redirectsToHttps: false,
      challenges: [],
      loginForm: false,
      securityHeaders: [],
      contentType: "",
    },
  });
  const description = {
    locationPath: "/d.xml",
    deviceType: "urn:schemas-upnp-org:device:Basic:1",
    friendlyName: `Camera ${device}`,
    manufacturer: "Maker",
    manufacturerUrl: "",
    modelName: "M1",
    modelNumber: "",
    modelDescription: "Network Camera",
    serialNumber: `SN-${100_000 + device}`,
    udn: `2fac1234-31f8-11b4-a222-${device.toString(16).padStart(12, "0")}`,
    presentationUrl: "",
    serviceTypes: [],
  };
  return [
    connect("presence"),
    connect("guard"),
    connect("common"),
    { probe: "upnp.description", port: 49_152, facts: description },
    ...[80, 8000, 8080, 8443, 443, 554].map(http),
  ];
}

/** One round over the whole site: facts in the first, confirmations after. */
export function round(devices: number, hour: number): StoredObservation[] {
  const out: StoredObservation[] = [];
  for (let device = 0; device < devices; device++) {
    for (const [i, { probe, port, facts }] of looksOf(device).entries()) {
      const base = device * 10 + i + 1;
      const seq = hour * devices * 10 + base;
      const hash = sha256(JSON.stringify([device, i]));
      const address = addressOf(device);
      const at = START + hour * HOUR + Math.floor((base / (devices * 10)) * (HOUR - 60_000));
      out.push({
        agent: "agent",
        epoch: "epoch",
        epochCreatedAt: START - 1,
        seq,
        contentHash: sha256(`${seq}`),
        probe,
        probeVersion: 1,
        tier: "polite",
        subject: port === null ? { kind: "host", address } : { kind: "endpoint", address, transport: "tcp", port },
        linkAddress: null,
        interface: "eth0",
        wallAt: at,
        uncertaintyMs: 5,
        storedAt: at + 50,
        outcome: "identified",
        fault: null,
        facts: hour === 0 ? facts : null,
        factsHash: hash,
        confirm: hour === 0 ? null : { epoch: "epoch", seq: base, hash },
        intervalMs: HOUR,
      });
    }
  }
  return out;
}
