// Who may import whom. Everything here is an error from the first commit on; docs/architecture.md says why.
const only = (name, from, to, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from, pathNot: "\\.(test|prop\\.test)\\.ts$" },
  to: { path: "^(packages|test)/", pathNot: to },
});

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      comment: "A cycle hides who owns what.",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    only("proto-alone", "^packages/proto/", "^packages/proto/", "proto imports nobody"),
    only("standard-pure", "^packages/standard/", "^packages/(standard|proto)/", "standard imports proto types only"),
    {
      name: "standard-no-node",
      severity: "error",
      comment: "standard is pure",
      from: { path: "^packages/standard/src", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    only("report-pure", "^packages/report/", "^packages/(report|standard)/", "report imports standard"),
    only(
      "agent-imports",
      "^packages/agent/",
      "^packages/(agent|proto)/|^packages/standard/src/registry/",
      "agent never judges: of standard it sees the registries alone",
    ),
    only(
      "collector-imports",
      "^packages/collector/",
      "^packages/(collector|proto|standard|report)/",
      "collector imports proto, standard, report",
    ),
    only(
      "console-imports",
      "^packages/console/",
      "^packages/(console|standard)/|^packages/collector/src/api/",
      "console imports standard, and types of the API",
    ),
    {
      name: "console-api-types",
      severity: "error",
      comment: "of the collector the console sees types only",
      from: { path: "^packages/console/" },
      to: { path: "^packages/collector/", dependencyTypesNot: ["type-only"] },
    },
    only(
      "cli-imports",
      "^packages/cli/",
      "^packages/(cli|agent|collector|report|standard|proto)/|^test/(site|bench)/",
      "cli composes; sim and bench live in test",
    ),
    {
      name: "probe-alone",
      severity: "error",
      comment: "a probe never imports another probe",
      from: { path: "^packages/agent/src/probe/([^/]+)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/agent/src/probe/[^/]+/", pathNot: "^packages/agent/src/probe/$1/" },
    },
    {
      name: "probe-no-outbox",
      severity: "error",
      comment: "a probe does not store or send",
      from: { path: "^packages/agent/src/probe/" },
      to: { path: "^packages/agent/src/(outbox|publish|schedule|control)" },
    },
    {
      name: "wire-pure",
      severity: "error",
      comment: "wire files are bytes only",
      from: { path: "/wire\\.ts$" },
      to: { dependencyTypes: ["core"], path: "^(net|tls|dgram|http|https|fs|child_process)$" },
    },
    {
      name: "derive-pure",
      severity: "error",
      comment: "deriving is pure: no I/O, no clock",
      from: { path: "^packages/collector/src/derive/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^packages/(collector/src/derive|standard|proto)/|node_modules/@bufbuild" },
    },
    {
      name: "nats-places",
      severity: "error",
      comment: "NATS is spoken in few places",
      from: {
        path: "^packages/",
        pathNot:
          "^packages/agent/src/(publish|control|identity)|^packages/collector/src/(ingest|log|bucket|bus|keys|control|document|engine)|\\.test\\.ts$",
      },
      to: { path: "@nats-io/" },
    },
    {
      name: "clickhouse-places",
      severity: "error",
      comment: "store is the only user of ClickHouse",
      from: { path: "^packages/", pathNot: "^packages/collector/src/store/|\\.test\\.ts$" },
      to: { path: "@clickhouse/" },
    },
    {
      name: "site-own-bytes",
      severity: "error",
      comment: "the simulated site shares no codec with the agent",
      from: { path: "^test/site/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/agent/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|src/gen)/" },
    tsPreCompilationDeps: true,
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
