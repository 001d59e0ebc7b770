/** Each drift changes what it says and nothing else; a restart goes on where the site stood. */
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, describe as suite, test } from "vitest";
import { describe, handshake, hearNotices, search, talk } from "./ask.ts";
import { type PersonaView, type Site, type SiteOptions, startSite } from "./site.ts";
import { StateError } from "./state.ts";

const BIND = "127.19.2.0/24";
const SOURCE = "127.19.2.2";

suite.skipIf(process.platform !== "linux")("the script of the simulated site", () => {
  let site: Site;
  let data: string;
  let options: SiteOptions;

  const persona = (name: string): PersonaView => {
    const view = site.personas().find((candidate) => candidate.name === name);
    if (view === undefined) throw new RangeError(`no persona ${name}`);
    return view;
  };
  const at = (name: string, port: number): [string, number] => [persona(name).address, persona(name).ports[`tcp/${port}`] ?? 0];
  const leaf = async (name: string, port: number) => new X509Certificate((await handshake(...at(name, port))).certificate.raw);

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "vedette-site-"));
    // The scripted certificate ends a few seconds from now; `advance` waits for it.
    options = { bind: BIND, data, seed: "test", delayMs: 4_000, everyMs: 0, slackMs: 0 };
    site = await startSite(options);
  });
  afterAll(async () => {
    await site.stop();
    await rm(data, { recursive: true });
  });

  test("Telnet opens and greets", async () => {
    const [address] = at("camera-telnet-later", 443);
    await expect(talk(address, 23, "", 50)).rejects.toThrow();
    expect(await site.advance()).toBe("telnet-opens");
    const greeting = await talk(...at("camera-telnet-later", 23), "", 200);
    expect([greeting[0], greeting.toString("latin1").includes("login: ")]).toEqual([255, true]);
  });

  test("TLS 1.0 is switched on while the recorder listens, under the same certificate", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1" } as const;
    const before = await leaf("recorder", 443);
    await expect(handshake(...at("recorder", 443), old)).rejects.toThrow();
    expect(await site.advance()).toBe("tls10-on");
    expect(await handshake(...at("recorder", 443), old)).toMatchObject({ protocol: "TLSv1" });
    expect(await handshake(...at("recorder", 443))).toMatchObject({ protocol: "TLSv1.3" });
    expect((await leaf("recorder", 443)).fingerprint256).toBe(before.fingerprint256);
  });

  test("the NAS gets a certificate with another key and issuer", async () => {
    const before = await leaf("nas", 5001);
    expect(await site.advance()).toBe("certificate-replaced");
    const after = await leaf("nas", 5001);
    expect(after.fingerprint256).not.toBe(before.fingerprint256);
    expect(before.issuer).toBe(before.subject);
    expect(after.issuer).not.toBe(after.subject);
    expect(after.publicKey.equals(before.publicKey)).toBe(false);
  });

  test("the capture shows PIN methods in probe responses", async () => {
    const [path] = site.captures;
    const methods = (bytes: Buffer) => [
      bytes.includes(Buffer.from("100800020280", "hex")),
      bytes.includes(Buffer.from("100800020384", "hex")),
    ];
    expect(methods(await readFile(path ?? ""))).toEqual([true, false]);
    expect(await site.advance()).toBe("wps-pin-on");
    expect(methods(await readFile(path ?? ""))).toEqual([false, true]);
  });

  test("RTSP authentication is off on one of the two units", async () => {
    expect(await describe(...at("camera-same-serial-b", 554), "/stream1")).toMatch(/^RTSP\/1.0 401/);
    expect(await site.advance()).toBe("rtsp-authentication-off");
    expect(await describe(...at("camera-same-serial-b", 554), "/stream1")).toMatch(/^RTSP\/1.0 200[\s\S]*m=video/);
    expect(await describe(...at("camera-same-serial-b", 554), "/no-such-path")).toMatch(/^RTSP\/1.0 404/);
    expect(await describe(...at("camera-same-serial-a", 554), "/stream1")).toMatch(/^RTSP\/1.0 401/);
  });

  test("the camera says byebye, and alive at its new address with the same UDN and the next BOOTID", async () => {
    const before = persona("camera-moves");
    const { heard, close } = hearNotices(SOURCE);
    expect(await site.advance()).toBe("camera-moves");
    await new Promise((resolve) => setTimeout(resolve, 100));
    close();
    const after = persona("camera-moves");
    expect(after).toMatchObject({ address: "127.19.2.30", udn: before.udn, serial: before.serial, bootId: before.bootId + 1 });
    const own = heard.filter(({ text }) => text.includes(`NT: uuid:${before.udn}\r\n`));
    expect(own.map(({ from, text }) => [from, /NTS: (\S+)/.exec(text)?.[1], /BOOTID\.UPNP\.ORG: (\d+)/.exec(text)?.[1]])).toEqual([
      [before.address, "ssdp:byebye", "1"],
      [after.address, "ssdp:alive", "2"],
    ]);
    expect(own[1]?.text).toContain(`LOCATION: http://${after.address}:`);
    await expect(talk(before.address, before.ports["tcp/554"] ?? 0, "", 50)).rejects.toThrow();
    expect(await describe(...at("camera-moves", 554), "/h264Preview_01_main")).toMatch(/^RTSP\/1.0 401/);
  });

  test("a camera vanishes without a word", async () => {
    const before = persona("camera-vanishes");
    const { heard, close } = hearNotices(SOURCE);
    expect(await site.advance()).toBe("camera-vanishes");
    close();
    expect(heard.filter(({ text }) => text.includes(before.udn))).toEqual([]);
    await expect(talk(before.address, before.ports["tcp/443"] ?? 0, "", 50)).rejects.toThrow();
    expect((await search(SOURCE, `uuid:${before.udn}`, 700)).length).toBe(0);
  });

  test("a restart in mid-script keeps addresses, identities and keys, says nothing new and goes on", async () => {
    const before = site.personas();
    const certificate = await leaf("nas", 5001);
    await site.stop();
    expect((await stat(site.statePath)).mode & 0o777).toBe(0o600);
    site = await startSite(options);
    expect(site.personas()).toEqual(before.map((view) => (view.name === "camera-vanishes" ? { ...view, ports: {} } : view)));
    expect((await leaf("nas", 5001)).fingerprint256).toBe(certificate.fingerprint256);
    expect((await talk(...at("camera-telnet-later", 23), "", 100)).length).toBeGreaterThan(0);
    expect(site.next).toBe("certificate-expires");
  });

  test("the scripted certificate ends by time alone, and the script is over", async () => {
    const before = await leaf("camera-cert-expires", 443);
    expect(await site.advance()).toBe("certificate-expires");
    const after = await leaf("camera-cert-expires", 443);
    expect(after.fingerprint256).toBe(before.fingerprint256);
    expect(new Date(after.validTo).getTime()).toBeLessThan(Date.now());
    expect([site.next, await site.advance()]).toEqual([null, null]);
  });

  test("another seed in the same folder is refused unless fresh", async () => {
    await site.stop();
    await expect(startSite({ ...options, seed: "other" })).rejects.toThrow(StateError);
    const udn = persona("camera-good").udn;
    site = await startSite({ ...options, seed: "other", fresh: true });
    expect(persona("camera-good").udn).not.toBe(udn);
    expect(site.next).toBe("telnet-opens");
  });
});
