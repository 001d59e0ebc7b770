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
    case "wifi.bss":
      return namedWifi(facts as FactsOf<"wifi.bss">);
    default:
      return facts as Named;
  }
}
