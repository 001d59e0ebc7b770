/** Every read of truth again, on tables that are distributed over three servers. */
process.env["VEDETTE_TEST_SHARDS"] = "3";
await import("./truth.test.ts");
