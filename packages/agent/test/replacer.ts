/** Replaces a file once and says so on stdout; sync.test.ts watches what reaches the disk before. */
import { writeSync } from "node:fs";
import { replaceFile } from "../src/replace-file.ts";

const path = process.argv[2];
if (path === undefined) throw new Error("usage: replacer.ts FILE");
replaceFile(path, "content");
writeSync(1, "done\n");
