/** The same lines from our probe. */
import { systemClock } from "../../../packages/agent/src/net/clock.ts";
import { fakeDial } from "../../../packages/agent/src/net/fake-dial.ts";
import type { Found } from "../../../packages/agent/src/probe/probe.ts";
import { wifiBss } from "../../../packages/agent/src/probe/wifi/probe.ts";
import { pmfText, protectionLine, type TsharkBss } from "./tshark.ts";

export async function foundIn(path: string): Promise<readonly Found<"wifi.bss">[]> {
  const context = {
    signal: AbortSignal.timeout(60_000),
    dial: fakeDial({}),
    clock: systemClock,
    note: () => undefined,
    evidence: () => undefined,
  };
  return (await wifiBss.runMany({ address: path, port: 0 }, wifiBss.options.parse({}), context)).found;
}

export async function ourBss(path: string): Promise<Map<string, TsharkBss>> {
  return new Map(
    (await foundIn(path)).map(({ posture, volatile }) => [
      posture.bssid,
      {
        rsn: lineOf(posture.rsn),
        wpa: lineOf(posture.wpa),
        wps: { beacon: wpsLine(posture.wpsBeacon), response: wpsLine(posture.wpsProbeResponse) },
        frames: volatile.frameCount,
      },
    ]),
  );
}

type Posture = Found<"wifi.bss">["posture"];
type Element = NonNullable<Posture["rsn"]>;
type Wps = NonNullable<Posture["wpsBeacon"]>;

function lineOf(element: Element | undefined): string | undefined {
  if (element === undefined) return undefined;
  const type = (suite: string) => suite.split(":")[1] ?? "";
  return protectionLine(
    type(element.groupCipher),
    element.pairwiseCiphers.map(type),
    element.akms.map(type),
    pmfText(element.pmfCapable, element.pmfRequired),
  );
}

function wpsLine(wps: Wps | undefined): string | undefined {
  return wps === undefined ? undefined : `methods ${wps.configMethods ?? "none"} state ${wps.state}`;
}
