/** Which collector of those that live holds which bucket: the same answer in each of them, without a word between them. */
import { createHash } from "node:crypto";

/**
 * Each bucket goes to the member that it ranks highest (rendezvous hashing) of those that do not yet hold their share, so that
 * nobody holds more than ceil(buckets / members), and a member that comes or goes moves few buckets of the others.
 */
export function share(members: readonly string[], buckets: number): readonly (string | null)[] {
  const most = Math.ceil(buckets / Math.max(1, members.length));
  const held = new Map<string, number>();
  return Array.from({ length: buckets }, (_, bucket) => {
    const ranked = members
      .filter((member) => (held.get(member) ?? 0) < most)
      .map((member) => ({ member, rank: rankOf(member, bucket) }))
      .sort((a, b) => (a.rank < b.rank ? 1 : -1));
    const member = ranked[0]?.member ?? null;
    if (member !== null) held.set(member, (held.get(member) ?? 0) + 1);
    return member;
  });
}

function rankOf(member: string, bucket: number): string {
  return createHash("sha256").update(`${member}\0${bucket}`).digest("hex");
}
