/** One running persona: its sockets follow its form. */
import type { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server as TlsServer } from "node:tls";
import type { Credentials } from "./certificate.ts";
import { type CertificateForm, fill, type HttpForm, type PersonaForm, type TcpForm, type TlsForm } from "./form.ts";
import type { Identity } from "./identity.ts";
import { type Listener, listen } from "./listener.ts";
import { description } from "./protocol/description.ts";
import { httpServer } from "./protocol/http.ts";
import { type Heard, type MdnsVoice, openMdnsVoice } from "./protocol/mdns.ts";
import { rtspServer } from "./protocol/rtsp.ts";
import { silentServer } from "./protocol/silent.ts";
import { openSnmpAgent, type SnmpAgent } from "./protocol/snmp.ts";
import { openSsdpVoice, type Search, type SsdpDevice, type SsdpVoice } from "./protocol/ssdp.ts";
import { telnetServer } from "./protocol/telnet.ts";
import { serverTls } from "./protocol/tls-context.ts";
import type { PersonaState } from "./state.ts";
import { addressOf, type Subnet } from "./subnet.ts";
import { TrafficMeter } from "./traffic.ts";

export interface Surroundings {
  readonly subnet: Subnet;
  readonly occupied: ReadonlySet<number>;
  readonly now: () => number;
  readonly random: () => number;
  certificate(form: CertificateForm, commonName: string): Credentials;
}

interface Running {
  form: TcpForm;
  readonly server: Server;
  readonly listener: Listener;
}

/** No look leaves so much time between two ports, ms. */
const QUIET_MS = 700;
const QUIET_STEP_MS = 20;
/** Who is looked at without end is cut off all the same, ms. */
const QUIET_WAIT_MS = 10_000;

const keyOf = (form: TcpForm) => `${form.kind}:${form.ports[0]}`;
const tlsOf = (form: TcpForm): TlsForm | undefined => ("tls" in form ? form.tls : undefined);

export class Device {
  readonly identity: Identity;
  readonly state: PersonaState;
  readonly meter: TrafficMeter;
  readonly #around: Surroundings;
  readonly #running = new Map<string, Running>();
  #form: PersonaForm;
  #ssdp: SsdpVoice | null = null;
  #mdns: MdnsVoice | null = null;
  #snmp: SnmpAgent | null = null;

  /** @param state is kept up to date; the caller saves it. */
  constructor(form: PersonaForm, identity: Identity, state: PersonaState, around: Surroundings) {
    this.#form = form;
    this.identity = identity;
    this.state = state;
    this.#around = around;
    this.meter = new TrafficMeter(form.fragileAbovePerSecond ?? Number.POSITIVE_INFINITY, around.now);
  }

  get form(): PersonaForm {
    return this.#form;
  }

  /** Joins the network, if it is there at all. @throws PortError */
  async start(): Promise<void> {
    this.state.address = addressOf(this.#around.subnet, this.#form.host);
    this.state.present = this.#form.present;
    this.state.ports = {};
    if (!this.#form.present) return;
    for (const service of this.#form.services) await this.#open(service);
    await this.#openVoices();
  }

  /** Makes the device what the form says. Another host: it leaves with a byebye and joins again there. Not present: its power is cut. */
  async become(next: PersonaForm): Promise<void> {
    const before = this.#form;
    if (before.host !== next.host || before.present !== next.present) {
      const moves = before.present && next.present;
      if (!next.present) await this.#quiet();
      await this.#leave(moves);
      this.#form = next;
      if (next.present) this.state.bootId += 1;
      return this.start();
    }
    this.#form = next;
    for (const [key, running] of this.#running) {
      if (next.services.some((service) => keyOf(service) === key)) continue;
      this.#running.delete(key);
      await running.listener.close();
    }
    for (const service of next.services) {
      const running = this.#running.get(keyOf(service));
      if (running === undefined) await this.#open(service);
      else this.#change(running, service);
    }
  }

  /**
   * Between two looks: one that has found a port open when the power is cut finds the next one closed, and tells that, as truly, of a
   * service that closed before the device vanished.
   */
  async #quiet(): Promise<void> {
    for (let waited = 0; waited < QUIET_WAIT_MS && this.#around.now() - this.meter.lastAt < QUIET_MS; waited += QUIET_STEP_MS)
      await sleep(QUIET_STEP_MS);
  }

  /** Ends every socket without a word: the simulation stops, the device does not. */
  stop(): Promise<void> {
    return this.#leave(false);
  }

  hearSearch(search: Search): void {
    this.#ssdp?.answer(search);
  }

  hearQuestion(query: Heard): void {
    this.#mdns?.answer(query);
  }

  /** The port that is really bound for a true one. */
  readonly portOf = (truePort: number): number => this.state.ports[`tcp/${truePort}`] ?? truePort;

  async #open(form: TcpForm): Promise<void> {
    const { address } = this.state;
    const current = () => this.#running.get(keyOf(form))?.form ?? form;
    const server = this.#serverOf(form, current);
    this.meter.watch(server, form.ports[0]);
    const listener = await listen(server, { address, occupied: this.#around.occupied }, form.ports);
    this.#running.set(keyOf(form), { form, server, listener });
    this.state.ports[`tcp/${form.ports[0]}`] = listener.port;
  }

  #serverOf(form: TcpForm, current: () => TcpForm): Server {
    const tls = tlsOf(form);
    const options = tls === undefined ? undefined : this.#tlsOptions(tls);
    switch (form.kind) {
      case "http":
        return httpServer(
          {
            form: () => current() as HttpForm,
            secureOrigin: () => this.#secureOrigin(),
            description: () => this.#description(),
            now: this.#around.now,
          },
          options,
        );
      case "rtsp":
        return rtspServer(() => current() as typeof form, options);
      case "telnet":
        return telnetServer(form.greeting);
      case "silent":
        return silentServer();
    }
  }

  #tlsOptions(tls: TlsForm) {
    return serverTls(tls, this.#around.certificate(tls.certificate, `${this.#form.name}.local`));
  }

  /** Changes a service while it listens: a restart would be seen as a port that closed. */
  #change(running: Running, next: TcpForm): void {
    const tls = tlsOf(next);
    if (tls !== undefined && JSON.stringify(tls) !== JSON.stringify(tlsOf(running.form))) {
      (running.server as TlsServer).setSecureContext(this.#tlsOptions(tls));
    }
    running.form = next;
  }

  #secureOrigin(): string | null {
    const secure = this.#form.services.find((service) => service.kind === "http" && service.tls !== undefined);
    if (secure === undefined) return null;
    const port = this.portOf(secure.ports[0]);
    return `https://${this.state.address}${port === 443 ? "" : `:${port}`}`;
  }

  #httpUrl(truePort: number, path: string): string {
    return `http://${this.state.address}:${this.portOf(truePort)}${path}`;
  }

  #description(): string {
    const { upnp, ssdp } = this.#form;
    if (upnp === undefined || ssdp === undefined) return "";
    return description(upnp, ssdp, this.identity, this.#httpUrl(ssdp.descriptionPort, "/"));
  }

  #ssdpDevice(): SsdpDevice {
    const { ssdp, services } = this.#form;
    if (ssdp === undefined) throw new TypeError(`${this.#form.name} has no SSDP`);
    const web = services.find((service): service is HttpForm => service.kind === "http" && service.ports[0] === ssdp.descriptionPort);
    return {
      udn: this.identity.udn,
      server: ssdp.server,
      types: [ssdp.deviceType, ...ssdp.serviceTypes],
      location: this.#httpUrl(ssdp.descriptionPort, web?.descriptionPath ?? "/"),
      bootId: this.state.bootId,
    };
  }

  async #openVoices(): Promise<void> {
    const { ssdp, mdns, snmp } = this.#form;
    const { address } = this.state;
    const { now, random } = this.#around;
    if (snmp !== undefined) {
      this.#snmp = await openSnmpAgent(snmp, this.identity, address, now(), now);
      this.state.ports["udp/161"] = this.#snmp.port;
    }
    if (ssdp !== undefined) {
      this.#ssdp = await openSsdpVoice(address, () => this.#ssdpDevice(), random, now);
      await this.#ssdp.notify("ssdp:alive");
    }
    if (mdns !== undefined) {
      const own = {
        ...mdns,
        services: mdns.services.map((service) => ({
          ...service,
          instance: fill(service.instance, this.identity),
          txt: service.txt.map((entry) => fill(entry, this.identity)),
        })),
      };
      this.#mdns = await openMdnsVoice(own, address, this.portOf);
      await this.#mdns.announce();
    }
  }

  async #leave(goodbye: boolean): Promise<void> {
    if (goodbye) await Promise.all([this.#ssdp?.notify("ssdp:byebye"), this.#mdns?.goodbye()]);
    const open = [this.#ssdp, this.#mdns, this.#snmp, ...[...this.#running.values()].map((running) => running.listener)];
    this.#ssdp = null;
    this.#mdns = null;
    this.#snmp = null;
    this.#running.clear();
    await Promise.all(open.map((socket) => socket?.close()));
  }
}
