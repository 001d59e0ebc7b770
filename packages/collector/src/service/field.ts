/** Fields that several verbs take. */
import { z } from "zod";

export const idField = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');
export const nameField = z.string().trim().min(1).max(120);
export const reasonField = z.string().trim().min(1, "say why").max(500);
export const nothing = z.strictObject({});

/** ms since 1970, from RFC 3339 text or a number. */
export const timeField = z.union([z.number().int().nonnegative(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))]);

/** 12 characters at least (NIST SP 800-63B-4), and no rule about which. */
export const passwordField = z.string().min(12, "must have at least 12 characters").max(256);
