import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolders } from "./folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vedette-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("makeFolders", () => {
  it("makes parents with the mode asked for, and is content with what is there", () => {
    makeFolders(join(root, "a", "b", "c"), 0o700);
    makeFolders(join(root, "a", "b", "c"), 0o700);
    expect(statSync(join(root, "a", "b")).mode & 0o777).toBe(0o700);
  });

  it("ends where the path leads through a file, or a file system takes no folders", () => {
    writeFileSync(join(root, "file"), "");
    expect(() => makeFolders(join(root, "file", "x"))).toThrow(/ENOTDIR/);
    expect(() => makeFolders(join(root, "file"))).toThrow(/EEXIST/);
    if (existsSync("/proc/self")) expect(() => makeFolders("/proc/x/y")).toThrow(/ENOENT/);
  });
});
