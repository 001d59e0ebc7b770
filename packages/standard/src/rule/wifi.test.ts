import { expect, test } from "vitest";
import { bss, outcome } from "../testing/input.ts";

const CCMP = "00-0F-AC:4";
const TKIP = "00-0F-AC:2";
const rsn = (akms: string[], pairwise = [CCMP], group = CCMP) => ({
  privacy: true,
  rsn: { version: 1, groupCipher: group, pairwiseCiphers: pairwise, akms },
});
const PSK = "00-0F-AC:2";

test.each(["5.3.3.1", "5.3.3.2", "5.3.3.4"])("%s without any BSS", (clause) => {
  const wired = { profile: { id: "p", services: [], wired: true } };
  expect(outcome(clause, [])).toBe("notchecked wifi-not-looked-at");
  expect(outcome(clause, [], wired)).toBe("notapplicable no-radio");
  expect(outcome(clause, [], { ...wired, device: { class: "camera", radioSeen: true } })).toBe("unknown wifi-station-only");
});

test.each([
  ["no WPS in beacon and response", {}, "pass wps-pin-off"],
  ["no WPS, response not captured", { probeResponseSeen: false }, "unknown wps-half-seen"],
  ["push button only", { wpsBeacon: {}, wpsProbeResponse: { configMethods: 0x0080 } }, "pass wps-pin-off"],
  ["keypad", { wpsBeacon: {}, wpsProbeResponse: { configMethods: 0x0100 } }, "fail wps-pin-offered"],
  ["virtual display counts as display", { wpsProbeResponse: { configMethods: 0x2008 } }, "fail wps-pin-offered"],
  ["PIN and locked", { wpsProbeResponse: { configMethods: 0x0004, setupLocked: true } }, "fail wps-pin-offered"],
  ["locked", { wpsProbeResponse: { configMethods: 0x0080, setupLocked: true } }, "unknown wps-locked"],
  ["beacon alone", { wpsBeacon: {}, probeResponseSeen: false }, "unknown wps-beacon-only"],
  ["methods not told", { wpsBeacon: {}, wpsProbeResponse: {} }, "unknown wps-methods-not-told"],
])("5.3.3.1: %s", (_, facts, expected) => {
  expect(outcome("5.3.3.1", [bss(facts)])).toBe(expected);
});

test.each([
  ["open", { privacy: false }, "fail wifi-open"],
  ["WEP", { privacy: true }, "fail wifi-wep"],
  ["the first WPA", { privacy: true, wpa: { groupCipher: "00-50-F2:2" } }, "fail wifi-wpa1"],
  ["mixed", { ...rsn([PSK]), wpa: { groupCipher: "00-50-F2:2" } }, "fail wifi-mixed"],
  ["TKIP as group cipher", rsn([PSK], [CCMP], TKIP), "fail wifi-weak-cipher"],
  ["TKIP as pairwise cipher", rsn([PSK], [CCMP, TKIP]), "fail wifi-weak-cipher"],
  ["OWE", rsn(["00-0F-AC:18"]), "fail wifi-owe"],
  ["WPA2", rsn([PSK]), "pass wifi-wpa2"],
  ["WPA3", rsn(["00-0F-AC:8"], ["00-0F-AC:9"], "00-0F-AC:9"), "pass wifi-wpa2"],
  ["a cipher of the future", rsn([PSK], ["00-0F-AC:77"]), "unknown wifi-cipher-unknown"],
  ["no cipher told", rsn([PSK], [], ""), "unknown wifi-cipher-not-told"],
])("5.3.3.2: %s", (_, facts, expected) => {
  expect(outcome("5.3.3.2", [bss(facts)])).toBe(expected);
});

test.each([
  ["802.1X", ["00-0F-AC:1"], "pass dot1x-offered"],
  ["CCKM", ["00-40-96:0"], "pass dot1x-offered"],
  ["802.1X-SHA384", ["00-0F-AC:23"], "pass dot1x-offered"],
  ["FILS alone", ["00-0F-AC:14"], "unknown dot1x-not-offered"],
  ["PSK", [PSK], "unknown dot1x-not-offered"],
])("5.3.3.4: %s", (_, akms, expected) => {
  expect(outcome("5.3.3.4", [bss(rsn(akms))])).toBe(expected);
});

test("5.3.3.2 fails by its worst BSS, 5.3.3.4 passes by its best", () => {
  const second = bss({ privacy: false, bssid: "00:11:22:33:44:56" });
  expect(outcome("5.3.3.2", [bss(rsn([PSK])), second])).toBe("fail wifi-open");
  expect(outcome("5.3.3.4", [bss(rsn(["00-0F-AC:1"])), second])).toBe("pass dot1x-offered");
});
