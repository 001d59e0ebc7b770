import { expect, test } from "vitest";
import { AgentControlService } from "./gen/vedette/v1/control_pb.js";
import { grpcDefinition } from "./grpc.ts";

const definition = grpcDefinition(AgentControlService);

test("every method stands in the definition under its wire path", () => {
  expect(Object.fromEntries(Object.entries(definition).map(([name, m]) => [name, m.path]))).toEqual({
    enroll: "/vedette.v1.AgentControlService/Enroll",
    renewNonce: "/vedette.v1.AgentControlService/RenewNonce",
    renew: "/vedette.v1.AgentControlService/Renew",
    watchPolicy: "/vedette.v1.AgentControlService/WatchPolicy",
    nextTask: "/vedette.v1.AgentControlService/NextTask",
    reportStatus: "/vedette.v1.AgentControlService/ReportStatus",
  });
});

test("only the watch streams, and only its answers", () => {
  expect(Object.values(definition).filter((m) => m.requestStream)).toEqual([]);
  expect(Object.values(definition).filter((m) => m.responseStream)).toEqual([definition.watchPolicy]);
});

test("messages survive the wire", () => {
  const bytes = definition.enroll.requestSerialize({ token: "t", csr: Uint8Array.of(1, 2) });
  expect([...bytes]).toEqual([0x0a, 1, 0x74, 0x12, 2, 1, 2]);
  expect(definition.enroll.requestDeserialize(bytes)).toMatchObject({ token: "t", hostName: "" });
  expect([...definition.enroll.requestDeserialize(bytes).csr]).toEqual([1, 2]);
});
