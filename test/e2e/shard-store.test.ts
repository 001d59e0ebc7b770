/** Every read of history and of the present again, on tables that are distributed over three servers. */
process.env["VEDETTE_TEST_SHARDS"] = "3";
await import("./store.test.ts");
