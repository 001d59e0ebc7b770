import { describe, expect, test } from "vitest";
import { parseChallenges } from "../../net/challenge.ts";
import { parseHead } from "../../net/head.ts";
import { readHead, readPage, readRedirect } from "./wire.ts";

const page = (html: string) => readPage(Buffer.from(html));

describe("page", () => {
  test.each([
    ["<html><HEAD><TITLE>\n IP &amp; Camera </TITLE>", "IP & Camera"],
    ["<title lang=en>\u7db2\u8def\u651d\u5f71\u6a5f</title>", "\u7db2\u8def\u651d\u5f71\u6a5f"],
    ["<title>open end", "open end"],
    ["<title", ""],
    ["no title", ""],
  ])("title of %j", (html, title) => {
    expect(page(html).title).toBe(title);
  });

  test.each([
    ['<form><input type="password" name="p"></form>', true],
    ["<INPUT NAME=p TYPE=PassWord>", true],
    ["<input name='pw' type = 'password'/>", true],
    ['<input type="text" data-type="password">', false],
    ['<input type="text"> type="password"', false],
    ['<p>type="password"</p>', false],
  ])("login form in %j: %s", (html, login) => {
    expect(page(html).loginForm).toBe(login);
  });

  test("unclosed tags by the thousand are read in bounded time", () => {
    // Of the processor's time: on a busy machine little of it may pass in much of the wall's.
    const used = process.cpuUsage();
    page("<input ".repeat(36_000));
    page("<input type".repeat(23_000));
    page(`<input ${"type ".repeat(50_000)}`);
    expect(process.cpuUsage(used).user).toBeLessThan(5_000_000);
  });
});

describe("redirect", () => {
  const here = { address: "198.18.0.7", port: 80, tls: false };
  test.each([
    [302, "/login.htm?x=1", { kind: "same", path: "/login.htm?x=1" }],
    [302, "http://198.18.0.7/a", { kind: "same", path: "/a" }],
    [301, "https://198.18.0.7/", { kind: "https" }],
    [301, "https://198.18.0.7:8443/", { kind: "https" }],
    [301, "https://198.18.0.8/", { kind: "elsewhere" }],
    [301, "http://camera.example/", { kind: "elsewhere" }],
    [301, "http://198.18.0.7:8080/", { kind: "elsewhere" }],
    [301, "//198.18.0.9/", { kind: "elsewhere" }],
    [301, "http://198.18.0.7@198.18.0.9/", { kind: "elsewhere" }],
    [301, "file:///etc/passwd", { kind: "elsewhere" }],
    [200, "/a", { kind: "none" }],
    [302, "", { kind: "none" }],
  ])("%i to %s", (status, location, expected) => {
    expect(readRedirect(status, location, here)).toEqual(expected);
  });
});

describe("head", () => {
  test("names what is there and dates it", () => {
    const head = parseHead(
      Buffer.from(
        "HTTP/1.1 401 No\nServer: App-webs/\r\nX-Frame-Options: DENY\r\nDate: Tue, 24 Nov 2026 18:00:41 GMT\r\n" +
          'WWW-Authenticate: Digest realm="IP Camera(C1\\"x)", nonce="ab=,cd", qop="auth,auth-int", algorithm=MD5\r\nWWW-Authenticate: Basic realm=cam\r\n\r\n',
      ),
    );
    expect(readHead(head)).toEqual({
      server: "App-webs/",
      contentType: "",
      securityHeaders: ["x-frame-options"],
      date: "2026-11-24T18:00:41.000Z",
      challenges: [
        { scheme: "basic", realm: "cam", algorithm: "", qop: "" },
        { scheme: "digest", realm: 'IP Camera(C1"x)', algorithm: "MD5", qop: "auth,auth-int" },
      ],
    });
  });

  test("two challenges in one field", () => {
    expect(parseChallenges(['Basic realm="a, b", Digest realm="c"']).map((c) => [c.scheme, c.realm])).toEqual([
      ["basic", "a, b"],
      ["digest", "c"],
    ]);
  });
});
