import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createBudget } from "../../net/budget.ts";
import { systemClock } from "../../net/clock.ts";
import { createDoor } from "../../net/door.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { memoryProbeLog } from "../../net/probe-log.ts";
import { parseScope } from "../../net/scope.ts";
import type { FaultCode, ProbeContext, Reading } from "../probe.ts";
import { createCertificateReader } from "./certificate.ts";
import { createTlsCertificate } from "./certificate-probe.ts";
import { createTlsHandshake } from "./probe.ts";
import {
  alert,
  CERTIFICATE_REQUEST,
  certificates,
  flight,
  RETRY_RANDOM,
  record,
  type Script,
  type ScriptedServer,
  SERVER_HELLO_DONE,
  scriptedServer,
  serverHello,
  weakDiffieHellman,
} from "./scripted-server.ts";

const reader = createCertificateReader();
const handshake = createTlsHandshake(reader);
const certificate = createTlsCertificate(reader);
const servers: ScriptedServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  reader.close();
});

const NO_LIMIT = 100_000;

function context(scope = "127.0.0.1/32", signal = AbortSignal.timeout(8_000)): ProbeContext {
  const door = createDoor({
    scope: parseScope({ include: [scope] }),
    budget: createBudget(systemClock, {
      sitePerSecond: NO_LIMIT,
      hostPerSecond: NO_LIMIT,
      sweepHostPerSecond: NO_LIMIT,
      hostConcurrent: 1,
      sweepAttempts: 32,
    }),
    clock: systemClock,
    log: memoryProbeLog(),
    interfaces: [],
  });
  return {
    signal,
    dial: door.forProbe(signal, { probe: "test", target: "127.0.0.1" }),
    clock: systemClock,
    note: () => undefined,
    evidence: () => undefined,
  };
}

async function serve(script: Parameters<typeof scriptedServer>[0]): Promise<number> {
  const server = await scriptedServer(script);
  servers.push(server);
  return server.port;
}

async function look(
  script: Parameters<typeof scriptedServer>[0],
  options: Record<string, unknown> = {},
  hints = {},
): Promise<Reading<"tls.handshake">> {
  const port = await serve(script);
  return handshake.run({ address: "127.0.0.1", port, hints }, handshake.options.parse({ answerMs: 300, ...options }), context());
}

function posture(reading: Reading<"tls.handshake">) {
  if (reading.outcome !== "identified") throw new Error(`${reading.outcome} ${reading.fault.code}`);
  return reading.result.posture;
}

function version(reading: Reading<"tls.handshake">, number: number) {
  const found = posture(reading).versions.find((each) => each.version === number);
  return { accepted: found?.accepted, suites: found?.suites.map(({ id }) => id), serverPreference: found?.serverPreference };
}

/** Refuses by alert what `accept` does not take; `accept` returns the messages of a flight. */
function server(accept: (hello: Parameters<Script>[0]) => Buffer | undefined, refuse = (socket: Socket) => socket.end(alert(40))): Script {
  return (hello, socket) => {
    const answer = accept(hello);
    if (answer === undefined) refuse(socket);
    else socket.end(answer);
  };
}

const RSA_AES128 = 0x002f;
const RSA_AES256 = 0x0035;
const DHE_RSA_AES128 = 0x0033;

/** TLS 1.0 alone, with the given suites in its own order. */
function oldServer(suites: readonly number[], ...rest: readonly Buffer[]): (hello: Parameters<Script>[0]) => Buffer | undefined {
  return (hello) => {
    const suite = suites.find((each) => hello.suites.includes(each));
    return hello.version < 0x0301 || suite === undefined
      ? undefined
      : flight(0x0301, serverHello({ version: 0x0301, suite }), ...rest, SERVER_HELLO_DONE);
  };
}

describe("what servers do", () => {
  test("an old server's suites stand in its own order", async () => {
    const reading = await look(server(oldServer([RSA_AES256, RSA_AES128])));
    expect(version(reading, 0x0301)).toEqual({ accepted: true, suites: [RSA_AES256, RSA_AES128], serverPreference: true });
    expect(version(reading, 0x0303)).toEqual({ accepted: false, suites: [], serverPreference: undefined });
    expect(posture(reading).complete).toBe(true);
  });

  test("a server that follows the client is told apart", async () => {
    const mine = [RSA_AES128, RSA_AES256, 0x0005, 0x000a, 0x0004, 0x0041];
    const reading = await look(
      server((hello) => {
        const suite = hello.suites.find((each) => mine.includes(each));
        return hello.version < 0x0301 || suite === undefined
          ? undefined
          : flight(0x0301, serverHello({ version: 0x0301, suite }), SERVER_HELLO_DONE);
      }),
    );
    expect(version(reading, 0x0301)).toEqual({ accepted: true, suites: mine.toSorted((a, b) => a - b), serverPreference: false });
  });

  test("a server that resets instead of refusing is enumerated all the same", async () => {
    const reading = await look(server(oldServer([RSA_AES128]), (socket) => socket.resetAndDestroy()));
    expect(version(reading, 0x0301)).toMatchObject({ accepted: true, suites: [RSA_AES128] });
    expect(posture(reading).complete).toBe(true);
  });

  test("a server that stops answering in the middle is not complete", async () => {
    let left = 2;
    const whole = oldServer([RSA_AES128, RSA_AES256]);
    const reading = await look(
      server(
        (hello) => (whole(hello) !== undefined && left-- > 0 ? whole(hello) : undefined),
        (socket) => socket.resetAndDestroy(),
      ),
    );
    expect(posture(reading).complete).toBe(false);
  });

  test("a weak Diffie-Hellman prime is measured, not refused", async () => {
    const reading = await look(server(oldServer([DHE_RSA_AES128], certificates(), weakDiffieHellman(512))));
    expect(posture(reading).dhBits).toBe(512);
    expect(version(reading, 0x0301).suites).toEqual([DHE_RSA_AES128]);
  });

  test("export and anonymous suites, compression, and a request for a client certificate", async () => {
    const EXPORT = 0x0003;
    const ANONYMOUS = 0x0034;
    const reading = await look(
      server((hello) => {
        const suite = [EXPORT, ANONYMOUS].find((each) => hello.suites.includes(each));
        if (hello.version < 0x0301 || suite === undefined) return undefined;
        const compression = hello.compression.find((method) => method !== 0) ?? 0;
        return flight(0x0301, serverHello({ version: 0x0301, suite, compression }), certificates(), CERTIFICATE_REQUEST, SERVER_HELLO_DONE);
      }),
    );
    expect(version(reading, 0x0301).suites?.toSorted()).toEqual([EXPORT, ANONYMOUS]);
    expect(posture(reading).compression).toContain(1);
    expect(posture(reading).secureRenegotiation).toBe(false);
  });

  test("SSL 2.0 is seen", async () => {
    const port = await serve({
      raw(bytes, socket) {
        if (bytes[0] === 22) socket.end(alert(40));
        else socket.end(Buffer.from("801a040001000200000003000400800000000000000000000000010080", "hex").subarray(0, 28));
      },
    });
    const reading = await handshake.run({ address: "127.0.0.1", port }, handshake.options.parse({}), context());
    expect(version(reading, 2).accepted).toBe(true);
  });

  test("TLS 1.3 by HelloRetryRequest tells suites and groups", async () => {
    const port = await serve(
      server((hello) => {
        const groups = hello.extensions.get(10);
        const offered = groups === undefined ? [] : Array.from({ length: groups.length / 2 - 1 }, (_, i) => groups.readUInt16BE(2 + i * 2));
        const suite = [0x1302, 0x1301].find((each) => hello.suites.includes(each));
        const group = [23, 29, 4588].find((each) => offered.includes(each));
        if (hello.version !== 0x0304 || suite === undefined || group === undefined) return undefined;
        const share = Buffer.from([group >> 8, group & 0xff]);
        return flight(
          0x0304,
          serverHello({
            version: 0x0304,
            suite,
            random: RETRY_RANDOM,
            extensions: [
              [43, Buffer.from([3, 4])],
              [51, share],
            ],
          }),
        );
      }),
    );
    const reading = await handshake.run({ address: "127.0.0.1", port }, handshake.options.parse({}), context());
    expect(version(reading, 0x0304)).toMatchObject({ accepted: true, suites: [0x1302, 0x1301] });
    expect(posture(reading).groups).toEqual([23, 29, 4588]);
    // Such a server completes no handshake, so its chain stays unknown and the look says so.
    expect(posture(reading).complete).toBe(false);
  });

  test("a clock in the hello's random is told, chance is not", async () => {
    const random = () => {
      const out = Buffer.alloc(32, 9);
      out.writeUInt32BE(Math.floor(Date.now() / 1000) - 86_400);
      return out;
    };
    const reading = await look(
      server((hello) => {
        const suite = [RSA_AES128, RSA_AES256].find((each) => hello.suites.includes(each));
        return hello.version < 0x0301 || suite === undefined
          ? undefined
          : flight(0x0301, serverHello({ version: 0x0301, suite, random: random() }), SERVER_HELLO_DONE);
      }),
    );
    if (reading.outcome !== "identified") throw new Error(reading.outcome);
    expect(Math.abs((reading.result.volatile.serverTimeS ?? 0) - (Date.now() / 1000 - 86_400))).toBeLessThan(10);
  });

  test("a server that wants a name gets the one that discovery knows", async () => {
    const wantsName = server(
      (hello) => (hello.extensions.has(0) ? oldServer([RSA_AES128])(hello) : undefined),
      (socket) => socket.end(alert(112)),
    );
    expect(version(await look(wantsName, {}, { serverName: "camera.local" }), 0x0301).accepted).toBe(true);
    expect(await look(wantsName)).toMatchObject({ outcome: "undetermined", fault: { code: "rejected" } });
  });

  test("a server that wants protocols gets some", async () => {
    const wantsAlpn = server((hello) => (hello.extensions.has(16) ? oldServer([RSA_AES128])(hello) : undefined));
    expect(version(await look(wantsAlpn), 0x0301).accepted).toBe(true);
  });
});

describe("faults", () => {
  async function fails(script: Parameters<typeof scriptedServer>[0], outcome: string, code: FaultCode): Promise<void> {
    const port = await serve(script);
    const target = { address: "127.0.0.1", port };
    // Where silence is not the matter, a busy machine must not look like it.
    const options = { answerMs: code === "timeout" ? 300 : 2_000 };
    const full = await handshake.run(target, handshake.options.parse(options), context());
    expect(full).toMatchObject({ outcome, fault: { code } });
    const light = await certificate.run(target, certificate.options.parse(options), context());
    expect(light).toMatchObject({ outcome, fault: { code } });
  }

  test("malformed: text instead of TLS", () =>
    fails({ raw: (_, socket) => socket.end("HTTP/1.0 400 Bad Request\r\n\r\n") }, "not-identified", "malformed"));
  test("malformed: a ServerHello that ends early", () =>
    fails({ raw: (_, socket) => socket.end(flight(0x0303, Buffer.from("0200000403030000", "hex"))) }, "not-identified", "malformed"));
  test("closed: ended without a word", () => fails({ raw: (_, socket) => socket.end() }, "not-identified", "closed"));
  test("reset: reset without a word", () => fails({ raw: (_, socket) => socket.resetAndDestroy() }, "not-identified", "reset"));
  test("timeout: silence", () => fails({ raw: () => undefined }, "undetermined", "timeout"));
  test("timeout: one byte at a time", () =>
    fails(
      {
        raw(_, socket) {
          const drip = setInterval(() => socket.write(Buffer.from([22])), 100);
          socket.on("close", () => clearInterval(drip));
          socket.write(Buffer.from([22, 3, 3, 64]));
        },
      },
      "undetermined",
      "timeout",
    ));
  test("rejected: an alert for everything", () => fails({ raw: (_, socket) => socket.end(alert(40)) }, "undetermined", "rejected"));
  test("too-large: a flight without end", () =>
    fails(
      {
        raw(_, socket) {
          // Change-cipher-spec records say nothing and may come for ever.
          const filler = Buffer.concat(Array.from({ length: 2_000 }, () => record(20, 0x0303, Buffer.alloc(30, 1))));
          for (let n = 0; n < 40; n++) socket.write(filler);
        },
      },
      "not-identified",
      "too-large",
    ));

  test("refused: nobody listens", async () => {
    const server = await scriptedServer({ raw: () => undefined });
    server.close();
    const reading = await handshake.run({ address: "127.0.0.1", port: server.port }, handshake.options.parse({}), context());
    expect(reading).toMatchObject({ outcome: "unreachable", fault: { phase: "connect", code: "refused" } });
  });

  test.each([
    ["timeout", "unreachable"],
    ["unreachable", "unreachable"],
    ["budget", "undetermined"],
    ["resource", "undetermined"],
  ] as const)("%s at the first connection", async (code, outcome) => {
    const signal = AbortSignal.timeout(1_000);
    const dial = fakeDial({ tcp: () => ({ phase: "connect", code, message: "by the test" }) }, signal);
    const cx: ProbeContext = { signal, dial, clock: systemClock, note: () => undefined, evidence: () => undefined };
    const target = { address: "127.0.0.1", port: 443 };
    expect(await handshake.run(target, handshake.options.parse({}), cx)).toMatchObject({ outcome, fault: { code } });
    expect(await certificate.run(target, certificate.options.parse({}), cx)).toMatchObject({ outcome, fault: { code } });
  });

  test("out-of-scope: nothing is sent", async () => {
    const reading = await handshake.run({ address: "127.0.0.1", port: 443 }, handshake.options.parse({}), context("127.0.0.2/32"));
    expect(reading).toMatchObject({ outcome: "undetermined", fault: { code: "out-of-scope" } });
  });

  test("timeout: the deadline of the run ends it, and what was seen until then stays", async () => {
    let answers = 2;
    const port = await serve((hello, socket) => {
      const suite = [RSA_AES256, RSA_AES128].find((each) => hello.suites.includes(each));
      if (hello.version !== 0x0303 || suite === undefined || answers-- <= 0) return;
      socket.end(flight(0x0303, serverHello({ version: 0x0303, suite }), SERVER_HELLO_DONE));
    });
    const startedAt = performance.now();
    const short = context("127.0.0.1/32", AbortSignal.timeout(700));
    const reading = await handshake.run({ address: "127.0.0.1", port }, handshake.options.parse({ answerMs: 30_000 }), short);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(reading.fault?.code).toBe("timeout");
    expect(posture(reading).complete).toBe(false);
    expect(version(reading, 0x0303).suites?.toSorted()).toEqual([RSA_AES128, RSA_AES256]);
  });

  test("refused: the server goes away in the middle, and what was seen until then stays", async () => {
    const server = await scriptedServer((hello, socket) => {
      socket.end(flight(0x0303, serverHello({ version: 0x0303, suite: hello.suites[0] ?? 0 }), SERVER_HELLO_DONE));
      server.close();
    });
    const reading = await handshake.run({ address: "127.0.0.1", port: server.port }, handshake.options.parse({}), context());
    expect(reading.fault).toMatchObject({ phase: "connect", code: "refused" });
    expect(version(reading, 0x0303).suites).toHaveLength(1);
  });
});
