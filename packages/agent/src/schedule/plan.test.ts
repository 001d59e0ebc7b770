import { create } from "@bufbuild/protobuf";
import { PolicySchema } from "@vedette/proto";
import { expect, test } from "vitest";
import { stand } from "../policy.ts";
import { hostJobs, type Job } from "./plan.ts";
import type { OpenPort } from "./protocol.ts";
import type { KnownHost } from "./site.ts";

const CEILING = { scope: ["192.0.2.0/24"], exclude: [], tier: "polite" as const };

function host(ports: readonly OpenPort[], more: Partial<KnownHost> = {}): KnownHost {
  return {
    address: "192.0.2.7",
    ports: new Map(ports.map((p) => [p.port, p])),
    descriptions: new Map(),
    onvif: new Map(),
    announced: new Map(),
    snmp: new Set(),
    missed: 0,
    ...more,
  };
}

const open = (port: number, more: Partial<OpenPort> = {}): OpenPort => ({ port, banner: "", ...more });
const endpointLooks = (jobs: readonly Job[]) =>
  jobs.filter((j) => j.target.port !== 0 && j.probe !== "snmp.system").map((j) => `${j.probe} ${j.target.port}`);
const portsOf = (jobs: readonly Job[], list: string) =>
  (jobs.find((j) => j.variant === list)?.options as { ports: number[] } | undefined)?.ports;

test("a host that was only heard of gets its ports looked at, and no presence look yet", () => {
  const jobs = hostJobs(host([]), stand(CEILING));
  expect(jobs.map((j) => `${j.probe} ${j.variant ?? j.target.port}`)).toEqual([
    "tcp.connect guard",
    "tcp.connect common",
    "snmp.system 161",
  ]);
  expect(portsOf(jobs, "guard")).toEqual([23, 80, 443, 554, 2323, 8000]);
});

test("a switch's tables are asked for where SNMP answered, and nowhere else", () => {
  const ports = (snmp: readonly number[]) =>
    hostJobs(host([], { snmp: new Set(snmp) }), stand(CEILING)).flatMap((j) => (j.probe === "snmp.topology" ? [j.target.port] : []));
  expect(ports([])).toEqual([]);
  expect(ports([161])).toEqual([161]);
});

test("an ONVIF device service is asked where it was told, but at no port that is never touched", () => {
  const service = { path: "/onvif/s", tls: true };
  const onvif = new Map([
    [8443, service],
    [9100, service],
  ]);
  const [asked, ...others] = hostJobs(host([], { onvif }), stand(CEILING)).filter((j) => j.probe === "onvif.device");
  expect(asked).toMatchObject({
    interval: "light",
    target: { address: "192.0.2.7", port: 8443, hints: { path: "/onvif/s" } },
    options: { tls: true },
  });
  expect(others).toEqual([]);
});

test("presence asks the known endpoints, a few of them", () => {
  const jobs = hostJobs(host([open(554), open(80), open(8000), open(22, { banner: "ssh" }), open(9999)]), stand(CEILING));
  expect(portsOf(jobs, "presence")).toEqual([22, 80, 554, 8000]);
});

test("open ports get the probes of their usual protocol", () => {
  const jobs = hostJobs(host([open(80), open(443), open(554)]), stand(CEILING));
  expect(endpointLooks(jobs)).toEqual(["http.root 80", "tls.certificate 443", "tls.handshake 443", "http.root 443", "rtsp.describe 554"]);
});

test("what speaks first is not sent another protocol's request", () => {
  expect(endpointLooks(hostJobs(host([open(8081, { banner: "telnet" }), open(2222, { banner: "ssh" })]), stand(CEILING)))).toEqual([]);
});

test("a silent unknown port is tried with one hello, then with one request, and keeps what was learned", () => {
  const looks = (p: OpenPort) => endpointLooks(hostJobs(host([p]), stand(CEILING)));
  expect(looks(open(30_080))).toEqual(["tls.certificate 30080"]);
  expect(looks(open(30_080, { tls: false }))).toEqual(["tls.certificate 30080", "http.root 30080"]);
  expect(looks(open(30_080, { tls: false, http: true }))).toEqual(["http.root 30080"]);
  expect(looks(open(30_080, { tls: true }))).toEqual(["tls.certificate 30080", "tls.handshake 30080", "http.root 30080"]);
});

test("a LOCATION is fetched where it was announced", () => {
  const jobs = hostJobs(host([], { descriptions: new Map([[49_152, "/desc.xml"]]) }), stand(CEILING));
  expect(jobs.find((j) => j.probe === "upnp.description")).toMatchObject({
    target: { address: "192.0.2.7", port: 49_152, hints: { path: "/desc.xml" } },
  });
});

test("the port of a LOCATION speaks HTTP: it is sent no hello of TLS", () => {
  const jobs = hostJobs(host([open(8_200)], { descriptions: new Map([[8_200, "/rootDesc.xml"]]) }), stand(CEILING));
  expect(endpointLooks(jobs)).toEqual(["upnp.description 8200", "http.root 8200"]);
});

test("policy adds ports by protocol and takes ports away", () => {
  const policy = create(PolicySchema, {
    version: 3,
    excludePorts: [8000, 8443],
    portHints: [
      { transport: "tcp", port: 7000, protocol: "rtsp" },
      { transport: "udp", port: 1161, protocol: "snmp" },
    ],
  });
  const jobs = hostJobs(host([open(7000), open(8443)]), stand(CEILING, policy));
  expect(endpointLooks(jobs)).toEqual(["rtsp.describe 7000"]);
  expect(portsOf(jobs, "guard")).toEqual([23, 80, 443, 554, 2323, 7000]);
  expect(jobs.filter((j) => j.probe === "snmp.system").map((j) => j.target.port)).toEqual([161, 1161]);
});
