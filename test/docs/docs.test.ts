import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

/** The documentation is held against the checkout: what it names must be there. */
const ROOT = resolve(import.meta.dirname, "../..");
const SKIPPED = new Set(["node_modules", "dist", "gen", ".git", ".vedette", ".toolchain", ".turbo"]);

function filesOf(folder: string, wanted: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path, wanted) : wanted.test(entry.name) ? [path] : [];
  });
}

const pages = [join(ROOT, "README.md"), ...filesOf(join(ROOT, "docs"), /\.md$/)];
const sources = ["packages", "test", "deploy"].flatMap((folder) => filesOf(join(ROOT, folder), /\.(ts|tsx|sh|sql|proto|yaml)$/));
const named = (path: string) => relative(ROOT, path);

describe("documentation", () => {
  it.each(pages.map((p) => [named(p), p]))("%s links to what is there", (_name, page) => {
    const broken = [...readFileSync(page, "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((m) => m[1] ?? "")
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(resolve(dirname(page), decodeURI(link))));
    expect(broken).toEqual([]);
  });

  it("has every page that the code cites", () => {
    const missing = sources.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\bdocs\/[a-z0-9/-]+\.md\b/g)]
        .map((m) => m[0])
        .filter((page) => !existsSync(join(ROOT, page)))
        .map((page) => `${named(file)}: ${page}`),
    );
    expect(missing).toEqual([]);
  });

  it("gives a reason for every dependency", () => {
    const { catalog } = parse(readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8")) as { catalog: Record<string, string> };
    const page = readFileSync(join(ROOT, "docs/dependencies.md"), "utf8");
    const unexplained = Object.keys(catalog).filter((name) => !name.startsWith("@types/") && !page.includes(`\`${name}\``));
    expect(unexplained).toEqual([]);
  });

  it("names no machine's folders and no registry's host", () => {
    const told = [...pages, ...sources].flatMap((file) => {
      const text = readFileSync(file, "utf8");
      return /(?:^|["'\s(])\/(?:work|root|home\/[a-z]+)\/|registry\.npmjs|deb\.debian\.org/.test(text) && file !== import.meta.filename
        ? [named(file)]
        : [];
    });
    expect(told).toEqual([]);
  });

  it("lists every top-level folder in the map of the house", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const packages = readdirSync(join(ROOT, "packages")).filter((name) => statSync(join(ROOT, "packages", name)).isDirectory());
    for (const name of packages) expect(readme).toContain(`packages/${name}`);
  });
});
