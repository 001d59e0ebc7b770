/** Every probe, explicitly. */
import type { ProbeId } from "@vedette/proto";
import { httpRoot } from "./http/probe.ts";
import { mdnsBrowse } from "./mdns/probe.ts";
import { onvifDevice } from "./onvif/probe.ts";
import type { ManyProbe, Probe } from "./probe.ts";
import { rtspDescribe } from "./rtsp/probe.ts";
import { snmpSystem } from "./snmp/probe.ts";
import { snmpTopology } from "./snmp/topology-probe.ts";
import { ssdpNotify } from "./ssdp/notify.ts";
import { ssdpSearch } from "./ssdp/search.ts";
import { tcpConnect } from "./tcp/probe.ts";
import { tlsCertificate } from "./tls/certificate-probe.ts";
import { tlsHandshake } from "./tls/probe.ts";
import { upnpDescription } from "./upnp/probe.ts";
import { wifiBss } from "./wifi/probe.ts";
import { wsdProbe } from "./wsd/probe.ts";

// biome-ignore lint/suspicious/noExplicitAny: each probe has its own options and facts; the list erases them
export type AnyProbe = Probe<any, any> | ManyProbe<any, any>;

export const PROBES: readonly AnyProbe[] = [
  ssdpSearch,
  ssdpNotify,
  mdnsBrowse,
  wsdProbe,
  tcpConnect,
  httpRoot,
  rtspDescribe,
  snmpSystem,
  snmpTopology,
  upnpDescription,
  onvifDevice,
  tlsHandshake,
  tlsCertificate,
  wifiBss,
];

export function findProbe(id: ProbeId): AnyProbe | undefined {
  return PROBES.find((p) => p.id === id);
}
