/** The console in a real browser against `vedette up --demo`: nothing refused by its policy, accessible, usable by keyboard, in both languages. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { readFirstLogin } from "@vedette/collector";
import type { Assessment, Device, Event } from "@vedette/collector/src/api/shape.ts";
import type { Clause } from "@vedette/standard";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CHROMIUM, launchChromium, serious } from "../kit/browser.ts";
import { note } from "../kit/index.ts";

const ROOT = join(import.meta.dirname, "../..");
/** A network of its own, so that a demo may run beside this. */
const BIND = "127.18.42.0/24";
const READY_MS = 240_000;
/** From the collector being ready to a device with verdicts on the screen of somebody who signs in for the first time. */
const FIRST_VERDICT_MS = 120_000;
/** A clause that no probe looks at: it passes as soon as somebody vouches for it. */
const VOUCHED = "5.1.1.1";
const present = existsSync(CHROMIUM);

if (!present) process.stderr.write(`the console is not tested in a browser: ${CHROMIUM} is missing (set VEDETTE_CHROMIUM)\n`);

interface Up {
  readonly url: string;
  readonly token: string;
  /** When it said that it is ready, as performance.now() gives it. */
  readonly readyAt: number;
  readonly child: ChildProcess;
  readonly data: string;
}

async function startDemo(): Promise<Up> {
  const data = await mkdtemp(join(tmpdir(), "vedette-console-"));
  const args = ["up", "--demo", "--json", "--port", "0", "--data", data, "--bind", BIND, "--drift-delay", "20", "--drift-every", "4"];
  const child = spawn(join(ROOT, "vedette"), args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    said = `${said}${bytes.toString("utf8")}`.slice(-4_000);
  });
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`vedette up ended with status ${code}: ${said}`)));
  });
  const readyAt = performance.now();
  const { url, token } = JSON.parse(first) as { url: string; token: string };
  return { url, token, readyAt, child, data };
}

async function stopDemo({ child, data }: Up): Promise<void> {
  if (child.exitCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
  }
  await rm(data, { recursive: true, force: true });
}

/** @param path under /api/v1; with a body it is posted */
async function ask<T>(up: Up, path: string, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${up.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(new URL(`/api/v1${path}`, up.url), { headers, ...sent });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly name: string;
    readonly failing: readonly string[];
    readonly membership: string;
  }[];
}

/** Devices are there, and one of the cameras fails a clause. */
async function untilJudged(up: Up): Promise<Listed["items"]> {
  for (const until = Date.now() + READY_MS; Date.now() < until; ) {
    const { items } = await ask<Listed>(up, "/devices");
    if (items.length >= 8 && items.some((d) => d.membership === "in" && d.failing.includes("5.3.1.1"))) return items;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error("the demo's devices were not judged in time");
}

describe.skipIf(!present)("the console", () => {
  let up: Up;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let refused: string[];
  let devices: Listed["items"];
  let firstVerdictMs: number;

  beforeAll(async () => {
    up = await startDemo();
    browser = await launchChromium();
    firstVerdictMs = await untilFirstVerdict();
    devices = await untilJudged(up);
  }, READY_MS + 60_000);

  afterAll(async () => {
    await browser?.close();
    if (up !== undefined) await stopDemo(up);
  }, 60_000);

  beforeEach(async () => {
    refused = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-US", colorScheme: "light" });
    page = await context.newPage();
    // What the policy refuses fires this in the page; other origins show as requests.
    await page.exposeFunction("reportRefused", (what: string) => refused.push(what));
    await page.addInitScript(`document.addEventListener("securitypolicyviolation", (e) =>
      reportRefused([e.violatedDirective, e.blockedURI, e.sample].join(" ")))`);
    page.on("request", (request) => {
      if (new URL(request.url()).host !== new URL(up.url).host && !request.url().startsWith("data:"))
        refused.push(`request ${request.url()}`);
    });
    page.on("pageerror", (error) => refused.push(`error ${error.message}`));
  });

  afterEach(async ({ task }) => {
    const shots = process.env["VEDETTE_SHOTS"];
    if (shots !== undefined && task.result?.state === "fail") await page.screenshot({ path: join(shots, `${task.id}.png`) });
    await context.close();
    expect(refused).toEqual([]);
  });

  async function signIn(path = "/", on = page): Promise<void> {
    const login = await readFirstLogin(join(up.data, "keys"));
    await on.goto(new URL(path, up.url).href);
    await on.getByRole("textbox", { name: /User|使用者/ }).fill(login?.user ?? "");
    await on.locator("input[name=password]").fill(login?.password ?? "");
    await on.getByRole("button", { name: /Sign in|登入/ }).click();
    // The page for signing in has a main part too, and leaving it would cancel the request.
    await on.locator("main#content").waitFor();
  }

  /** Signs in while nothing is known yet, waits for the first device of the fleet that fails a clause and opens it, ms. */
  async function untilFirstVerdict(): Promise<number> {
    const own = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-US" });
    const view = await own.newPage();
    try {
      await signIn("/", view);
      const signedIn = performance.now() - up.readyAt;
      const row = view.locator("tbody tr", { has: view.locator("a[data-status=fail]") }).first();
      await row.waitFor({ timeout: FIRST_VERDICT_MS });
      const inFleet = performance.now() - up.readyAt;
      await row.locator("a[href^='/device/']").first().click();
      await view.getByRole("heading", { name: "Verdicts" }).waitFor();
      await view.locator("tbody tr [data-status=fail]").first().waitFor();
      const inDevice = performance.now() - up.readyAt;
      const [signed, fleet, device] = [signedIn, inFleet, inDevice].map((ms) => (ms / 1000).toFixed(1));
      note(
        `after the collector was ready: signed in ${signed} s, first device with verdicts in the fleet ${fleet} s, its verdicts open ${device} s`,
      );
      return inDevice;
    } finally {
      await own.close();
    }
  }

  const failing = () => devices.find((d) => d.membership === "in" && d.failing.includes("5.3.1.1"))?.id ?? "";

  test("a device with its verdicts is on the screen within two minutes of the collector being ready", () => {
    expect(firstVerdictMs).toBeLessThan(FIRST_VERDICT_MS);
  });

  test("a wrong password is refused in words", async () => {
    await page.goto(up.url);
    await page.getByRole("textbox", { name: "User" }).fill("admin");
    await page.locator("input[name=password]").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("User or password is not right.").waitFor();
    expect(await serious(page)).toEqual([]);
  });

  test("by keyboard from the fleet to a device's evidence and back", async () => {
    await signIn();
    await page.getByRole("table").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("clause:5.3.1.1=fail member:in");
    // Both lists move while the site is looked at.
    const listed = async () => (await ask<Listed>(up, "/devices?clause=5.3.1.1&membership=in")).items.map((d) => d.name).sort();
    const shown = async () => (await page.locator("tbody td a[href^='/device/']:not([href*=clause])").allTextContents()).sort();
    await expect
      .poll(async () => [await shown(), await listed()])
      .toSatisfy(([a, b]: string[][]) => b !== undefined && b.length > 0 && String(a) === String(b));
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/device\//);
    await page.getByRole("heading", { name: "Verdicts" }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("e");
    await page.waitForURL(/clause=5\./);
    const drawer = page.getByRole("complementary");
    await drawer.getByText("Decisive facts").waitFor();
    await drawer.getByText("When we knew", { exact: true }).first().waitFor();
    // The focus is in the drawer; the address is that of the evidence.
    expect(await page.evaluate("document.activeElement.closest('aside') !== null")).toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).not.toContain("clause=");
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL(/\/live$/);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  });

  test("a link to evidence opens there, with raw bytes, after signing in", async () => {
    await signIn(`/device/${failing()}?clause=5.3.1.1`);
    const drawer = page.getByRole("complementary");
    await drawer.getByText("What the clause asks").waitFor();
    await drawer.locator("figure pre").first().waitFor();
    expect((await drawer.locator("figure pre").first().textContent())?.length).toBeGreaterThan(20);
  });

  test("the drawer of each failing clause shows its own reason, observations, facts and text", async () => {
    const { clauses } = await ask<{ clauses: Clause[] }>(up, "/standards/ts-0014-1@2");
    const device = devices.toSorted((a, b) => b.failing.length - a.failing.length)[0];
    expect(device?.failing.length).toBeGreaterThan(1);
    await signIn();
    for (const clause of device?.failing ?? []) {
      await page.goto(new URL(`/device/${device?.id}?clause=${clause}`, up.url).href);
      const drawer = page.getByRole("complementary");
      await drawer.getByText(clauses.find((c) => c.id === clause)?.summary.en ?? "", { exact: true }).waitFor();
      const shown = async () => ({
        reasons: await drawer.locator("section[data-status=fail] > p:first-of-type").allTextContents(),
        observations: await drawer.locator("dt:text-is('Observation') + dd").allTextContents(),
        facts: (await drawer.locator("table th[scope=row]").allTextContents()).map((name) => name.replaceAll(" ", "").toLowerCase()),
      });
      const asked = async () => {
        const { verdicts } = await ask<Assessment>(up, `/devices/${device?.id}/assessment`);
        const verdict = verdicts.find((v) => v.clause === clause);
        const seen = [...Map.groupBy(verdict?.evidence.filter((e) => e.kind === "observation") ?? [], (e) => e.id)];
        return {
          reasons: [verdict?.reason.en],
          observations: seen.map(([id]) => id),
          facts: seen.flatMap(([, quoted]) => quoted.flatMap((e) => Object.keys(e.facts).map((key) => key.toLowerCase()))),
        };
      };
      // A later look may be cited meanwhile, here before there.
      await expect.poll(async () => [await shown(), await asked()], { message: clause }).toSatisfy(([a, b]) => isDeepStrictEqual(a, b));
    }
  });

  test("looking back puts both clocks into the address, wears a band, and returns by one click", async () => {
    await signIn(`/device/${failing()}`);
    await page.getByRole("img", { name: /Timeline of verdicts/ }).waitFor();
    await page.keyboard.press("[");
    await page.waitForURL(/at=/);
    await page.getByText("You are looking at the past").waitFor();
    await page.getByRole("button", { name: "As a table" }).click();
    expect(await page.getByRole("region", { name: "Timeline" }).locator("tbody tr").count()).toBeGreaterThan(10);
    expect(await serious(page)).toEqual([]);
    await page.getByRole("status").getByRole("button", { name: "Return to now" }).click();
    await expect.poll(() => page.url()).not.toContain("at=");
  });

  test("what happens while the live feed is looked at comes on top of it by itself, once", async () => {
    await signIn("/live");
    await page.locator("ol li[data-event]").first().waitFor();
    // Where a verdict has changed already, the first assessment is over: later changes are told.
    const drifted = async () =>
      (await ask<{ items: Event[] }>(up, "/events?limit=200")).items.find((e) => e.data.change === "verdict-changed")?.data.device;
    await expect.poll(drifted, { timeout: 90_000 }).toBeDefined();
    const { id, site } = await ask<Device>(up, `/devices/${await drifted()}`);
    const validFrom = Date.now();
    const said = { result: "pass", documentHash: "0".repeat(64), validFrom, expires: validFrom + 3600_000 };
    await ask(up, "/attestations", { site, clauses: [VOUCHED], target: { site, device: id }, ...said });
    const told = async () => {
      const { items } = await ask<{ items: Event[] }>(up, `/events?limit=50&device=${id}`);
      return items.find((e) => e.data.clause === VOUCHED && e.data.to === "pass")?.id;
    };
    await expect.poll(told).toBeDefined();
    const row = page.locator(`ol li[data-event='${await told()}']`);
    await row.waitFor();
    expect(await row.count()).toBe(1);
    expect(await row.textContent()).toContain(VOUCHED);
  });

  test("the live feed resumes without a gap and says that it was away", async () => {
    const cuts: (() => void)[] = [];
    const asked: string[] = [];
    await page.routeWebSocket(/\/api\/v1\/live$/, (ws) => {
      const server = ws.connectToServer();
      ws.onMessage((message) => {
        asked.push(String(message));
        server.send(message);
      });
      cuts.push(() => {
        void ws.close({ code: 4000, reason: "cut" });
        void server.close({ code: 4000, reason: "cut" });
      });
    });
    await signIn("/live");
    await page.locator("ol li").first().waitFor();
    cuts[0]?.();
    await page
      .getByText(/^Away from/)
      .first()
      .waitFor();
    await expect.poll(() => asked.length).toBe(2);
    expect(JSON.parse(asked[0] ?? "").subscribe.after).toBeNull();
    expect(JSON.parse(asked[1] ?? "").subscribe.after).toMatch(/^[\w-]{8,}$/);
    // Every event that REST has since the page was opened stands on the screen, each once.
    const shown = await page.locator("ol li[data-event]").evaluateAll((rows) => rows.map((r) => r.getAttribute("data-event")));
    expect(new Set(shown).size).toBe(shown.length);
    const { items } = await ask<{ items: { id: string }[] }>(up, "/events?limit=20");
    await expect
      .poll(async () => {
        const now = await page.locator("ol li[data-event]").evaluateAll((rows) => rows.map((r) => r.getAttribute("data-event")));
        return items.filter((e) => !now.includes(e.id)).length;
      })
      .toBe(0);
  });

  test("when nothing answers any more, what came last stays, says so, and other screens still open", async () => {
    const loaded = page.waitForResponse(/account-page-.*\.js$/);
    await signIn();
    await page.getByRole("table").waitFor();
    await loaded;
    await page.route(
      () => true,
      (route) => route.abort(),
    );
    await page.getByRole("alert").filter({ hasText: "The collector does not answer." }).first().waitFor({ timeout: 60_000 });
    expect(await page.locator("tbody tr").count()).toBeGreaterThan(5);
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.getByRole("heading", { name: "Live" }).waitFor();
  });

  test("the language switches everywhere and is kept", async () => {
    await signIn("/account");
    await page.getByLabel(/Language/).selectOption("zh-TW");
    await page.getByRole("heading", { name: "帳號" }).waitFor();
    await page.goto(new URL(`/device/${failing()}?clause=5.3.1.1`, up.url).href);
    await page.getByRole("heading", { name: "條文判定" }).waitFor();
    await page.getByRole("complementary").getByText("關鍵事實").waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh-TW");
    expect(await serious(page)).toEqual([]);
  });

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const)("every screen is accessible, %s at %i px", async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 860 });
    await signIn();
    for (const path of ["/", `/device/${failing()}`, `/device/${failing()}?clause=5.3.1.1`, "/live", "/agents", "/account"]) {
      await page.goto(new URL(path, up.url).href);
      await page.locator("main#content").getByRole("heading").first().waitFor();
      await page.waitForLoadState("networkidle");
      expect(await serious(page), path).toEqual([]);
      // Nothing is cut at the side.
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), path).toBe(0);
    }
  });

  test("the first screen stays below 350 kB on the wire", async () => {
    const bytes = await ask<unknown>(up, "/me").then(async () => {
      const html = await (await fetch(up.url)).text();
      const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1] ?? "");
      const zipped = await Promise.all(
        files.map(async (file) => {
          const body = (await fetch(new URL(file, up.url))).body?.pipeThrough(new CompressionStream("gzip"));
          return (await new Response(body).arrayBuffer()).byteLength;
        }),
      );
      expect(files.length).toBeGreaterThan(1);
      return zipped.reduce((a, b) => a + b, 0);
    });
    expect(bytes).toBeLessThan(350_000);
  });
});
