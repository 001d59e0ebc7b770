/** The simulated site: every persona on its own loopback address, with the script that makes it drift. */
import { join } from "node:path";
import type { Bss } from "./capture/frame.ts";
import { writeCapture } from "./capture/pcap.ts";
import { type Credentials, makeAuthority, makeCertificate } from "./certificate.ts";
import { Device, type Surroundings } from "./device.ts";
import type { TcpForm } from "./form.ts";
import { hostPorts } from "./host-port.ts";
import { identityOf, linkAddress } from "./identity.ts";
import { personas } from "./persona/index.ts";
import { openMdnsReceiver } from "./protocol/mdns.ts";
import { openSsdpReceiver } from "./protocol/ssdp.ts";
import { type Drift, type DriftId, formAfter, NEW_HOST, SCRIPT } from "./script.ts";
import { openState, type PersonaState, type SiteState } from "./state.ts";
import { addressOf, BindError, parseSubnet } from "./subnet.ts";
import type { Traffic } from "./traffic.ts";

export interface SiteOptions {
  /** Loopback network of the site, "127.18.0.0/24". */
  readonly bind: string;
  /** Folder that holds sim/state.json and wifi/site.pcap. */
  readonly data: string;
  /** The same seed gives the same UUIDs, serials and link addresses. */
  readonly seed: string;
  /** Number of personas; more than the named ones adds plain cameras. */
  readonly devices?: number;
  /** True: the script starts by itself, else with `startScript` or `advance`. */
  readonly script?: boolean;
  /** From the start of the script to the first drift, ms. */
  readonly delayMs?: number;
  /** From one drift to the next, ms. */
  readonly everyMs?: number;
  /** How much later than the script's last turn the scripted certificate ends, ms: room for a slow start of the collector. */
  readonly slackMs?: number;
  /** Forgets what was kept in `data`. */
  readonly fresh?: boolean;
  readonly logger?: SiteLogger;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface SiteLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface PersonaView extends Readonly<PersonaState> {
  readonly name: string;
  readonly behavesLike: readonly string[];
  readonly fieldFailure: string | null;
}

export interface PortHint {
  readonly transport: "tcp" | "udp";
  readonly port: number;
  readonly protocol: "http" | "https" | "rtsp" | "rtsps" | "telnet" | "snmp";
}

export interface Site {
  readonly state: SiteState;
  readonly statePath: string;
  readonly captures: readonly string[];
  /** TCP ports that the host itself answers on: for the policy's excludePorts. */
  readonly excludePorts: readonly number[];
  /** SSIDs of the site: for the policy's radioScope. */
  readonly radioScope: readonly string[];
  personas(): readonly PersonaView[];
  /** Services on other ports than their usual one: for the policy's portHints. */
  portHints(): readonly PortHint[];
  traffic(persona: string): Traffic;
  /** The drift that comes next; null after the last. */
  readonly next: DriftId | null;
  /** Runs the script in its own time; a second call changes nothing. */
  startScript(): void;
  /** Makes the next drift happen now; one that is a matter of time is waited for. null after the last. */
  advance(): Promise<DriftId | null>;
  stop(): Promise<void>;
}

/** RTSPS has none: looks find it by its hint. */
const USUAL: Readonly<Record<string, number>> = { http: 80, https: 443, rtsp: 554, telnet: 23, snmp: 161 };

function protocolOf(form: TcpForm): PortHint["protocol"] | null {
  if (form.kind === "silent") return null;
  const secure = "tls" in form && form.tls !== undefined;
  if (form.kind === "http") return secure ? "https" : "http";
  if (form.kind === "rtsp") return secure ? "rtsps" : "rtsp";
  return form.kind;
}

/**
 * Opens the site; what `data` keeps of an earlier run goes on from there.
 * @throws BindError, StateError, PortError with one sentence each that says what to change.
 */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { delayMs = 60_000, everyMs = 12_000, slackMs = 36_000, now = Date.now, random = Math.random } = options;
  const subnet = parseSubnet(options.bind);
  const forms = personas(options.devices);
  const needed = Math.max(NEW_HOST, ...forms.map((form) => form.host));
  if (needed > subnet.size - 2)
    throw new BindError(`bind: ${options.bind} has no room for ${forms.length} devices; use a larger network or fewer devices`);
  const startedAt = now();
  const expiresAt = Math.ceil((startedAt + delayMs + (SCRIPT.length - 1) * everyMs + slackMs) / 1_000) * 1_000;
  const file = await openState(options.data, {
    seed: options.seed,
    bind: options.bind,
    expiresAt,
    now: startedAt,
    fresh: options.fresh ?? false,
  });
  const state = file.value;
  state.excludePorts = await hostPorts();

  state.certificates["site-authority"] ??= makeAuthority(startedAt);
  const authority = state.certificates["site-authority"];
  const around: Surroundings = {
    subnet,
    occupied: new Set(state.excludePorts),
    now,
    random,
    certificate: (form, commonName) => {
      state.certificates[form.id] ??= makeCertificate(form, commonName, authority, startedAt, state.expiresAt);
      return state.certificates[form.id] as Credentials;
    },
  };
  const happened = state.drifts.map((drift) => drift.id);
  const devices = forms.map((form) => {
    const identity = identityOf(form, options.seed);
    const kept = state.personas[form.name] ?? { address: "", present: true, ports: {}, ...identity, bootId: 1 };
    state.personas[form.name] = kept;
    return new Device(formAfter(form, happened), identity, kept, around);
  });
  const byName = new Map(devices.map((device) => [device.form.name, device]));
  const capturePath = join(options.data, "wifi", "site.pcap");
  const receiverAddress = addressOf(subnet, 1);

  const closing: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const stop = async () => {
    stopping.abort();
    await Promise.all([...devices.map((device) => device.stop()), ...closing.map((close) => close())]);
    closing.length = 0;
    await file.save();
  };
  try {
    const ssdp = await openSsdpReceiver(receiverAddress, (search) => {
      for (const device of devices) device.hearSearch(search);
    });
    closing.push(ssdp.close);
    const mdns = await openMdnsReceiver(receiverAddress, (query) => {
      for (const device of devices) device.hearQuestion(query);
    });
    closing.push(mdns.close);
    // All of them settle before a failure is told, so that none opens a socket behind the clean-up.
    const started = await Promise.allSettled(devices.map((device) => device.start()));
    for (const outcome of started) if (outcome.status === "rejected") throw outcome.reason;
    await writeCapture(capturePath, bssOf(devices), now());
    await file.save();
  } catch (error) {
    await stop();
    throw error;
  }

  /** The drift that comes next, by what the state says has happened. */
  const upcoming = (): Drift | undefined => SCRIPT.filter((drift) => byName.has(drift.persona))[state.drifts.length];

  const step = async (): Promise<DriftId | null> => {
    const drift = upcoming();
    const device = drift === undefined ? undefined : byName.get(drift.persona);
    if (drift === undefined || device === undefined) return null;
    // A certificate is valid through the last second of notAfter. RFC 5280, 4.1.2.5
    if (drift.byTime) await sleep(state.expiresAt + 1_000 - now(), stopping.signal);
    if (stopping.signal.aborted) return null;
    await device.become(drift.change(device.form));
    if (device.form.wifi !== undefined) await writeCapture(capturePath, bssOf(devices), now());
    state.drifts.push({ id: drift.id, at: now() });
    await file.save();
    options.logger?.info({ drift: drift.id, persona: drift.persona, at: now() }, "the site has drifted");
    return drift.id;
  };
  // One drift at a time, whoever asks for it.
  let last: Promise<DriftId | null> = Promise.resolve(null);
  const advance = () => (last = last.then(step, step));

  let running = false;
  const startScript = () => {
    if (running) return;
    running = true;
    void (async () => {
      for (let wait = delayMs; upcoming() !== undefined; wait = everyMs) {
        await sleep(wait, stopping.signal);
        if (stopping.signal.aborted) return;
        await advance();
      }
    })();
  };
  if (options.script) startScript();

  return {
    state,
    statePath: file.path,
    captures: [capturePath],
    excludePorts: state.excludePorts,
    radioScope: bssOf(devices).map((bss) => bss.form.ssid),
    personas: () => devices.map(viewOf),
    portHints: () => hintsOf(devices),
    traffic: (name) => {
      const device = byName.get(name);
      if (device === undefined) throw new RangeError(`no persona is named "${name}"`);
      return device.meter.traffic;
    },
    get next() {
      return upcoming()?.id ?? null;
    },
    startScript,
    advance,
    stop,
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

function bssOf(devices: readonly Device[]): Bss[] {
  return devices.flatMap(({ form, identity }) =>
    form.wifi === undefined || !form.present
      ? []
      : [{ form: form.wifi, bssid: linkAddress(identity.mac, form.wifi.interfaceIndex), identity }],
  );
}

function viewOf(device: Device): PersonaView {
  const { form, state } = device;
  return { name: form.name, behavesLike: form.behavesLike, fieldFailure: form.fieldFailure ?? null, ...state, ports: { ...state.ports } };
}

function hintsOf(devices: readonly Device[]): PortHint[] {
  const hints = new Map<string, PortHint>();
  const add = (transport: "tcp" | "udp", port: number, protocol: PortHint["protocol"] | null) => {
    if (protocol !== null && USUAL[protocol] !== port) hints.set(`${transport}/${port}`, { transport, port, protocol });
  };
  for (const device of devices) {
    for (const form of device.form.services) add("tcp", device.portOf(form.ports[0]), protocolOf(form));
    const snmp = device.state.ports["udp/161"];
    if (snmp !== undefined) add("udp", snmp, "snmp");
  }
  return [...hints.values()].sort((a, b) => a.port - b.port);
}
