import { expect, test } from "vitest";
import { Recorder, T0 } from "../../test/derive/recorder.ts";
import { classOf, describe } from "./attribute.ts";
import { holds } from "./class-rule.ts";
import { placeInTime } from "./history.ts";
import { membershipOf } from "./membership.ts";

test("short words count only as words", () => {
  expect(holds("8-channel NVR", "nvr")).toBe(true);
  expect(holds("DS-7608NI NAS4", "nas")).toBe(true);
  expect(holds("Benvrix", "nvr")).toBe(false);
  expect(holds("Fixed Network Camera", "camera")).toBe(true);
});

test("the surest hint gives the class", () => {
  expect(classOf([])).toBe("other");
  expect(classOf([{ field: "mdns.type", text: "_ipp._tcp" }])).toBe("printer");
  expect(
    classOf([
      { field: "mdns.type", text: "_smb._tcp" },
      { field: "mdns.type", text: "_workstation._tcp" },
    ]),
  ).toBe("workstation");
  expect(
    classOf([
      { field: "rtsp", text: "describes" },
      { field: "upnp.modelDescription", text: "Network Video Recorder" },
    ]),
  ).toBe("recorder");
  expect(classOf([{ field: "snmp.objectId", text: "1.3.6.1.4.1.6574.1" }])).toBe("nas");
});

test("an attribute says where it came from and what else was told", () => {
  const r = new Recorder();
  r.describe(0, "198.18.0.5", { uuid: "u", vendor: "AXIS", model: "P1375", serial: "12345678" });
  r.tell(1000, {
    probe: "snmp.system",
    address: "198.18.0.5",
    endpoint: "udp/161",
    facts: {
      description: "; AXIS P1375; Network Camera; 10.1.0; Sep 22 2020 12:38; 795; 1;",
      objectId: "1.3.6.1.4.1.368.4.1",
      name: "axis-1",
      location: "",
      contact: "",
      interfaces: [],
      community: "public",
      version: "v2c",
    },
  });
  const d = describe(placeInTime(r.observations, T0 + 5000).seen);
  expect(d.class).toBe("camera");
  expect(d.firmware).toMatchObject({ value: "10.1.0", source: "snmp.system/description", observation: "a1/e1/2" });
  expect(d.model).toMatchObject({
    value: "P1375",
    alternatives: [{ value: "AXIS P1375", source: "snmp.system/description", confidence: 0.85 }],
  });
  expect(d.serial?.confidence).toBeLessThan(0.5);
});

test("ONVIF scopes name model and name, below what is told by unicast; a recorder is one although it calls itself a transmitter", () => {
  const r = new Recorder();
  const targetOf = (hardware: string) => ({
    endpoint: "urn:uuid:1",
    types: ["{http://www.onvif.org/ver10/network/wsdl}NetworkVideoTransmitter"],
    scopes: [`onvif://www.onvif.org/hardware/${hardware}`, "onvif://www.onvif.org/name/Gate%20north", "onvif://www.onvif.org/name/%zz"],
    xAddrs: [],
  });
  r.tell(0, { probe: "wsd.probe", address: "198.18.0.5", facts: { targets: [targetOf("X1-PVE")] } });
  r.tell(0, { probe: "wsd.probe", address: "198.18.0.6", facts: { targets: [targetOf("NVR4108")] } });
  const [camera, recorder] = placeInTime(r.observations, T0 + 5000).seen.map((seen) => describe([seen]));
  expect(camera).toMatchObject({ class: "camera", model: { value: "X1-PVE", source: "wsd.probe/scope.hardware" } });
  expect(["Gate north", "%zz"]).toContain(camera?.name);
  expect(recorder).toMatchObject({ class: "recorder", model: { value: "NVR4108" } });
  r.describe(1000, "198.18.0.5", { uuid: "u", vendor: "Maker", model: "X1" });
  expect(describe(placeInTime(r.observations, T0 + 5000).seen.filter((s) => JSON.stringify(s.subject).includes("0.5"))).model?.value).toBe(
    "X1",
  );
});

test("an ONVIF service tells vendor, model, firmware and serial; a camera unless its model says recorder", () => {
  const of = (model: string) => {
    const r = new Recorder();
    const facts = { path: "/", tls: false, manufacturer: "Maker", model, firmwareVersion: "2.4.1", serialNumber: "SN-0001-A" };
    r.tell(0, { probe: "onvif.device", address: "198.18.0.5", endpoint: "tcp/80", facts });
    return describe(placeInTime(r.observations, T0 + 5000).seen);
  };
  expect(of("M1")).toMatchObject({
    class: "camera",
    vendor: { value: "Maker" },
    model: { value: "M1", source: "onvif.device/model" },
    firmware: { value: "2.4.1" },
    serial: { value: "SN-0001-A", confidence: 0.95 },
  });
  expect(of("NVR-8")).toMatchObject({ class: "recorder" });
});

test("five bridge ports hint at a switch; fewer, or what the device says of itself, do not make it one", () => {
  const of = (ports: number, title = "") => {
    const r = new Recorder();
    const bridge = Array.from({ length: ports }, (_, i) => ({ ifIndex: 100 + i, bridgePort: i + 1 }));
    // An interface under 802.1X that is no port of the bridge.
    r.tell(0, { probe: "snmp.topology", address: "198.18.0.5", endpoint: "udp/161", facts: { ports: [...bridge, { ifIndex: 99 }] } });
    r.tell(0, { probe: "http.root", address: "198.18.0.5", endpoint: "tcp/80", facts: { tls: false, title, server: "" } });
    return describe(placeInTime(r.observations, T0 + 5000).seen).class;
  };
  expect(of(5)).toBe("switch");
  expect(of(4)).toBe("other");
  expect(of(16, "Network Video Recorder")).toBe("recorder");
});

test("membership follows the class until a person decides; the latest decision holds, from its date", () => {
  expect(membershipOf("nas", ["d"], [], T0)).toEqual({ membership: "in", reason: "class:nas" });
  const decided = [
    { device: "old", membership: "out" as const, author: "kim", reason: "bench", from: T0 },
    { device: "d", membership: "environment" as const, author: "lee", reason: "core", from: T0 + 1000 },
  ];
  expect(membershipOf("nas", ["d", "old"], decided, T0 + 500).membership).toBe("out");
  expect(membershipOf("nas", ["d", "old"], decided, T0 + 1000)).toEqual({ membership: "environment", reason: "lee: core" });
});

test("a text that is too long is cut, and never leaves half a character", () => {
  const r = new Recorder();
  r.describe(0, "198.18.0.5", { uuid: "u", vendor: `${"x".repeat(127)}\u{1f4f7}`, model: "m", serial: "12345678" });
  expect(describe(placeInTime(r.observations, T0 + 5000).seen).vendor?.value).toBe(`${"x".repeat(127)}\ufffd`);
});
