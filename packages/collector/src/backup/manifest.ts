/** What a backup says of itself: written last, read first. A backup without a whole manifest is none. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, readFile, rename, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { BackupError } from "./backup-error.ts";

export const FORMAT = 1;
const FILE = "manifest.json";
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const table = z.string().regex(/^[a-z_][a-z0-9_]*$/);
/** Inside the backup: no absolute path, no way up. */
const inside = z.string().refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), "leaves the backup");

const Contents = z.strictObject({
  format: z.literal(FORMAT),
  madeAt: z.iso.datetime(),
  /** Number of the newest migration. */
  schema: z.int().min(1),
  database: table,
  buckets: z.int().min(1),
  /** True where the store was the child of this installation, whose folder `restore` makes anew. */
  embedded: z.boolean(),
  /** Servers over which the tables are distributed; absent: one. */
  shards: z.int().min(2).optional(),
  tables: z.strictObject({ whole: z.array(table), definition: z.array(table) }),
  /** What is not in it, and where it comes from instead. */
  leftOut: z.array(z.string()),
  files: z.array(z.strictObject({ path: inside, bytes: z.int().min(0), sha256 })),
});
export type Contents = z.infer<typeof Contents>;
const Manifest = z.strictObject({ contents: Contents, sha256 });

function hashOf(contents: unknown): string {
  return createHash("sha256").update(JSON.stringify(contents)).digest("hex");
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Every file under a folder, sorted by path. */
export async function describeFiles(folder: string): Promise<Contents["files"]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((e) => e.isFile()).map((e) => relative(folder, join(e.parentPath, e.name)));
  const files: Contents["files"] = [];
  for (const path of paths.sort())
    files.push({ path, bytes: (await stat(join(folder, path))).size, sha256: await hashFile(join(folder, path)) });
  return files;
}

export async function writeManifest(folder: string, contents: Contents): Promise<void> {
  const path = join(folder, FILE);
  const file = await open(`${path}.new`, "wx", 0o600);
  await file.writeFile(`${JSON.stringify({ contents, sha256: hashOf(contents) }, null, 1)}\n`);
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
}

/** @throws BackupError 3 where this is no backup, a damaged one, or one of another format */
export async function readManifest(folder: string, shown: string): Promise<Contents> {
  const damaged = (cause?: unknown) => new BackupError(3, `${shown}: its ${FILE} is damaged; take another backup`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(folder, FILE), "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw damaged(cause);
    throw new BackupError(3, `${shown}: holds no ${FILE}, so it is no backup or an unfinished one; give another`, { cause });
  }
  const format = z.object({ contents: z.object({ format: z.int() }) }).safeParse(value);
  if (format.success && format.data.contents.format !== FORMAT) {
    throw new BackupError(
      3,
      `${shown}: is of format ${format.data.contents.format}, this program reads format ${FORMAT}; restore it with the version that made it`,
    );
  }
  const parsed = Manifest.safeParse(value);
  if (!parsed.success || hashOf(parsed.data.contents) !== parsed.data.sha256) throw damaged(parsed.error);
  return parsed.data.contents;
}

/** Compares every file with the manifest before anything is written. @throws BackupError 3 naming the first that differs */
export async function verifyFiles(folder: string, shown: string, contents: Contents): Promise<void> {
  for (const file of contents.files) {
    const path = join(folder, file.path);
    const size = await stat(path).then(
      (s) => s.size,
      () => null,
    );
    if (size === null) throw new BackupError(3, `${shown}: ${file.path} is missing; take another backup`);
    if (size !== file.bytes || (await hashFile(path)) !== file.sha256)
      throw new BackupError(3, `${shown}: ${file.path} is not what was backed up; take another backup`);
  }
}
