/** Names beside IANA numbers, for people who read facts: `vedette probe --json`, observations, evidence. */
import type { FactsOf, ProbeId } from "@vedette/proto";
import { groupName, suiteName, tlsVersionName } from "./tls.ts";
import { akmName, wifiCipherName } from "./wifi.ts";

type Named = Record<string, unknown>;

function namedTls(facts: FactsOf<"tls.handshake">): Named {
  return {
    ...facts,
    versions: facts.versions.map((v) => ({
      ...v,
      name: tlsVersionName(v.version),
      suites: v.suites.map((s) => ({ id: s.id, name: suiteName(s.id) })),
    })),
    groups: facts.groups.map((id) => ({ id, name: groupName(id) })),
  };
}

type Rsn = NonNullable<FactsOf<"wifi.bss">["rsn"]>;

function namedRsn(element: Rsn): Named {
  return {
    ...element,
    names: {
      groupCipher: wifiCipherName(element.groupCipher),
      pairwiseCiphers: element.pairwiseCiphers.map(wifiCipherName),
      akms: element.akms.map(akmName),
      ...(element.groupManagementCipher === "" ? {} : { groupManagementCipher: wifiCipherName(element.groupManagementCipher) }),
    },
  };
}

function namedWifi(facts: FactsOf<"wifi.bss">): Named {
  return {
    ...facts,
    ...(facts.rsn === undefined ? {} : { rsn: namedRsn(facts.rsn) }),
    ...(facts.wpa === undefined ? {} : { wpa: namedRsn(facts.wpa) }),
  };
}

/** The same facts with `name` beside each number of a registry. Probes without such numbers come back as they are. */
export function withNames<P extends ProbeId>(probe: P, facts: FactsOf<P>): Readonly<Record<string, unknown>> {
  switch (probe) {
    case "tls.handshake":
      return namedTls(facts as FactsOf<"tls.handshake">);
    case "tls.certificate":
      return { ...facts, name: tlsVersionName((facts as FactsOf<"tls.certificate">).version) };
    case "wifi.bss":
      return namedWifi(facts as FactsOf<"wifi.bss">);
    default:
      return facts as Named;
  }
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

/** Drops `key` from an object; whatever else it may be comes back as it is, for the schema to judge. */
function drop(value: unknown, key: string): unknown {
  const object = record(value);
  if (object === null) return value;
  const { [key]: _name, ...rest } = object;
  return rest;
}

function each(value: unknown, change: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(change) : value;
}

/** The reverse of `withNames`: facts as people write them, with or without names, to facts of numbers alone. Nothing is checked here. */
export function withoutNames(probe: ProbeId, facts: unknown): unknown {
  const object = record(facts);
  if (object === null) return facts;
  if (probe === "tls.handshake") {
    const version = (v: unknown) => {
      const plain = record(drop(v, "name"));
      return plain === null || !("suites" in plain) ? (plain ?? v) : { ...plain, suites: each(plain["suites"], (s) => drop(s, "name")) };
    };
    return {
      ...object,
      ...("versions" in object ? { versions: each(object["versions"], version) } : {}),
      ...("groups" in object ? { groups: each(object["groups"], (g) => record(g)?.["id"] ?? g) } : {}),
    };
  }
  if (probe === "tls.certificate") return drop(facts, "name");
  if (probe === "wifi.bss") {
    return {
      ...object,
      ...("rsn" in object ? { rsn: drop(object["rsn"], "names") } : {}),
      ...("wpa" in object ? { wpa: drop(object["wpa"], "names") } : {}),
    };
  }
  return facts;
}
