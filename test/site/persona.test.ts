/** Each persona answers its protocols, asked by clients that share no code with the site. */
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, describe as suite, test } from "vitest";
import { browse, describe, get, handshake, search, snmpColumn, snmpGet, talk } from "./ask.ts";
import { type PersonaView, type Site, startSite } from "./site.ts";

const SOURCE = "127.19.1.2";

suite.skipIf(process.platform !== "linux")("the personas of the simulated site", () => {
  let site: Site;
  let data: string;
  let personas: ReadonlyMap<string, PersonaView>;

  const persona = (name: string): PersonaView => {
    const view = personas.get(name);
    if (view === undefined) throw new RangeError(`no persona ${name}`);
    return view;
  };
  const at = (name: string, port: number, transport = "tcp"): [string, number] => {
    const { address, ports } = persona(name);
    return [address, ports[`${transport}/${port}`] ?? 0];
  };

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "vedette-site-"));
    site = await startSite({ bind: "127.19.1.0/24", data, seed: "test" });
    personas = new Map(site.personas().map((view) => [view.name, view]));
  });
  afterAll(async () => {
    await site.stop();
    await rm(data, { recursive: true });
  });

  test("every camera and the recorder answer a search from their own addresses", async () => {
    const answers = await search(SOURCE, "upnp:rootdevice");
    const expected = site.personas().filter((view) => /^(camera|recorder)/.test(view.name));
    const own = answers.filter((answer) => answer.from.startsWith("127.19.1."));
    expect(own.map((answer) => answer.from).sort()).toEqual(expected.map((view) => view.address).sort());
    for (const { from, headers } of own) {
      const view = expected.find((candidate) => candidate.address === from);
      expect(headers["USN"]).toBe(`uuid:${view?.udn}::upnp:rootdevice`);
      expect(headers["BOOTID.UPNP.ORG"]).toBe("1");
      expect(new URL(headers["LOCATION"] ?? "").hostname).toBe(from);
      const page = await get(headers["LOCATION"] ?? "");
      expect(page.body).toContain(`<serialNumber>${view?.serial}</serialNumber>`);
      expect(page.body).toContain(`<UDN>uuid:${view?.udn}</UDN>`);
    }
  });

  test("two units share one serial and nothing else", () => {
    const [a, b] = [persona("camera-same-serial-a"), persona("camera-same-serial-b")];
    expect(a.serial).toBe(b.serial);
    expect(a.udn).not.toBe(b.udn);
    expect(new Set(site.personas().map((view) => view.serial)).size).toBe(site.personas().length - 1);
  });

  test("mDNS tells NAS, printer, laptop and camera with their own addresses and ports", async () => {
    for (const [type, name, port] of [
      ["smb", "nas", 445],
      ["ipp", "printer", 631],
      ["workstation", "laptop", 9],
      ["rtsp", "camera-good", 554],
    ] as const) {
      const services = await browse(SOURCE, type, 700);
      const own = services.filter((service) => service.addresses?.includes(persona(name).address));
      expect(own, type).toHaveLength(1);
      expect(own[0]?.port).toBe(persona(name).ports[`tcp/${port}`] ?? port);
      expect(own[0]?.referer?.address).toBe(persona(name).address);
    }
  });

  test("the good camera redirects, speaks TLS 1.2 and 1.3 with AES-256, and refuses RTSP in clear and in TLS", async () => {
    const [address, http] = at("camera-good", 80);
    const https = at("camera-good", 443);
    const page = await get(`http://${address}:${http}/`);
    expect([page.status, page.headers.location]).toEqual([302, `https://${address}${https[1] === 443 ? "" : `:${https[1]}`}/`]);
    expect((await get(`https://${address}:${https[1]}/`)).body).toContain('type="password"');
    expect(await handshake(...https)).toMatchObject({ protocol: "TLSv1.3" });
    expect(await handshake(...https, { maxVersion: "TLSv1.2" })).toMatchObject({ cipher: "ECDHE-ECDSA-AES256-GCM-SHA384" });
    await expect(handshake(...https, { minVersion: "TLSv1", maxVersion: "TLSv1.1" })).rejects.toThrow();
    expect(await describe(...at("camera-good", 554), "/media")).toMatch(
      /^RTSP\/1.0 401 [\s\S]*WWW-Authenticate: Digest realm="Camera", nonce="[0-9a-f]{32}"/,
    );
    expect(await handshake(...at("camera-good", 322))).toMatchObject({ protocol: "TLSv1.3" });
  });

  test("the open camera shows its stream on its own paths alone, and asks for Basic in clear", async () => {
    const [address, http] = at("camera-open", 80);
    expect((await get(`http://${address}:${http}/`)).headers["www-authenticate"]).toBe('Basic realm="index.html"');
    expect(await describe(...at("camera-open", 554), "/cam/realmonitor?channel=1&subtype=0")).toMatch(
      /^RTSP\/1.0 200 OK[\s\S]*m=video 0 RTP\/AVP 96/,
    );
    expect(await describe(...at("camera-open", 554), "/no-such-path")).toMatch(/^RTSP\/1.0 404 /);
  });

  test("the legacy camera does TLS 1.0, RSA key exchange and DHE with 1024 bits, and its certificate is over", async () => {
    const target = at("camera-legacy-tls", 443);
    const old = await handshake(...target, { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "AES128-SHA:@SECLEVEL=0" });
    expect(old).toMatchObject({ protocol: "TLSv1", cipher: "AES128-SHA", dhBits: null });
    expect(await handshake(...target, { ciphers: "DHE-RSA-AES128-SHA:@SECLEVEL=0" })).toMatchObject({ dhBits: 1024 });
    await expect(
      handshake(...target, { ciphers: "AES256-SHA:ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0", maxVersion: "TLSv1.2" }),
    ).rejects.toThrow();
    const certificate = new X509Certificate(old.certificate.raw);
    expect(new Date(certificate.validTo).getTime()).toBeLessThan(Date.now());
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(1024);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  test("a certificate of the site's authority verifies under the second of its chain", () => {
    const chain = site.state.certificates["camera-good"]?.chain.split(/(?<=-----END CERTIFICATE-----\n)/).filter((pem) => pem !== "") ?? [];
    const [leaf, issuer] = chain.map((pem) => new X509Certificate(pem));
    expect(chain).toHaveLength(2);
    expect(issuer !== undefined && leaf?.verify(issuer.publicKey)).toBe(true);
    expect([leaf?.ca, issuer?.ca, leaf?.subjectAltName]).toEqual([false, true, "DNS:camera-good.local"]);
  });

  test("one camera's clock is 47 minutes behind", async () => {
    const [address, http] = at("camera-telnet-later", 80);
    const { headers } = await get(`http://${address}:${http}/`);
    expect(Math.round((Date.now() - Date.parse(headers.date ?? "")) / 60_000)).toBe(47);
  });

  test("the recorder describes any path alike and keeps an undeclared port open", async () => {
    expect(await describe(...at("recorder", 554), "/any-path-at-all")).toMatch(/^RTSP\/1.0 200 OK/);
    expect(await talk(...at("recorder", 8000), "", 100)).toHaveLength(0);
  });

  test("the fragile camera refuses everybody once its budget is passed, and says so in its counters", async () => {
    const fragile = at("camera-vanishes", 554);
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => describe(...fragile, "/s0")));
    const answered = outcomes.filter((outcome) => outcome.status === "fulfilled" && outcome.value.startsWith("RTSP/1.0 401"));
    expect(answered.length).toBe(20);
    expect(site.traffic("camera-vanishes")).toMatchObject({ refused: 10, byPort: { 554: 30 } });
  });

  test("switch and access point serve the system group, link addresses and engine ids to public alone", async () => {
    for (const name of ["switch", "access-point"]) {
      const target = at(name, 161, "udp");
      const [description, objectId, engineId] = await snmpGet(...target, [
        "1.3.6.1.2.1.1.1.0",
        "1.3.6.1.2.1.1.2.0",
        "1.3.6.1.6.3.10.2.1.1.0",
      ]);
      expect(String(description?.value)).toMatch(name === "switch" ? /Switch/ : /Access Point/);
      expect(String(objectId?.value)).toMatch(/^1\.3\.6\.1\.4\.1\.32473\./);
      expect((engineId?.value as Buffer | undefined)?.toString("hex")).toBe(persona(name).engineId);
      const addresses = await snmpColumn(...target, "1.3.6.1.2.1.2.2.1.6");
      expect(addresses.map((row) => (row.value as Buffer).length)).toEqual(name === "switch" ? Array(8).fill(6) : [6, 6]);
      await expect(snmpGet(...target, ["1.3.6.1.2.1.1.1.0"], "private")).rejects.toThrow();
    }
  });

  test("nobody has touched the printer's port 9100 so far", () => {
    expect(site.traffic("printer").byPort[9100] ?? 0).toBe(0);
  });
});
