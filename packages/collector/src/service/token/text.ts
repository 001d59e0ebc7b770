/** The text of an API token, "vdk1.<tenant>.<id>.<secret>": the place is in it, so that no index of secrets is needed. */

export interface TokenText {
  readonly tenant: string;
  readonly id: string;
  readonly secret: string;
}

const TEXT = /^vdk1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;

export function tokenText({ tenant, id, secret }: TokenText): string {
  return `vdk1.${tenant}.${id}.${secret}`;
}

export function readTokenText(text: string): TokenText | null {
  const [, tenant, id, secret] = TEXT.exec(text) ?? [];
  return tenant !== undefined && id !== undefined && secret !== undefined ? { tenant, id, secret } : null;
}

export function tokenPlace(tenant: string, id: string) {
  return { tenant, kind: "token", id, field: "hash" };
}
