/** The single-use enrolment token: `vdt1.` + base64url(JSON {grpc, ca, secret}). It names the centre and the one CA to trust. */
import { z } from "zod";

const PREFIX = "vdt1.";

const TokenSchema = z.object({
  /** host:port */
  grpc: z.string().regex(/^(\[[0-9A-Fa-f:]+\]|[^:\s]+):\d{1,5}$/),
  /** base64 of the DER */
  ca: z.string().min(1),
  secret: z.string().min(1),
});

export type EnrolmentToken = Readonly<z.infer<typeof TokenSchema>>;

export class TokenError extends Error {
  override readonly name = "TokenError";
  /** Exit status of the command line: wrong usage. */
  readonly status = 2;
}

/** @throws TokenError: one sentence without the token in it */
export function parseToken(text: string): EnrolmentToken {
  const token = text.trim();
  if (!token.startsWith(PREFIX))
    throw new TokenError(`token: it must begin with "${PREFIX}"; copy it whole from the console or from \`vedette token\``);
  const bytes = Buffer.from(token.slice(PREFIX.length), "base64url");
  // The decoder overlooks stray characters; a token that was changed is none.
  if (bytes.toString("base64url") !== token.slice(PREFIX.length)) throw new TokenError("token: it is cut or changed; copy it whole");
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new TokenError("token: it is cut or changed; copy it whole", { cause });
  }
  const parsed = TokenSchema.safeParse(json);
  if (!parsed.success) throw new TokenError("token: it is cut or changed; copy it whole");
  return parsed.data;
}
