import { expect, test } from "vitest";
import { classify, fault } from "./classify.ts";
import { DialError } from "./net/dial.ts";
import { FAULT_CODES } from "./probe/probe.ts";

const withCode = (code: string) => Object.assign(new Error("text that nobody reads"), { code });

test.each([
  ["ECONNREFUSED", "refused"],
  ["ETIMEDOUT", "timeout"],
  ["ECONNRESET", "reset"],
  ["EPIPE", "reset"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["EMFILE", "resource"],
  ["ENOBUFS", "resource"],
  ["EADDRNOTAVAIL", "resource"],
  ["EPERM", "resource"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "malformed"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "rejected"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "rejected"],
  ["ERR_INVALID_ARG_TYPE", "bug"],
])("%s is %s", (code, expected) => {
  expect(classify(withCode(code), "connect")).toMatchObject({ phase: "connect", code: expected });
});

test("an abort and a time-out of ours are timeouts; a DialError keeps its fault; what is no error is a bug", () => {
  expect(classify(AbortSignal.abort().reason, "tls").code).toBe("timeout");
  const told = fault("response", "too-large");
  expect(classify(new DialError(told), "connect")).toBe(told);
  expect(classify("text", "decode").code).toBe("bug");
});

test("every code has a sentence", () => {
  for (const code of FAULT_CODES) expect(fault("connect", code).message).toMatch(/\.$/);
});
