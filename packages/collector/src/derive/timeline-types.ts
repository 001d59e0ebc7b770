/** What the timeline of one device is made of, and what it tells. */
import type { AssessInput, Coverage, DeclaredProfile, DeviceClass, Verdict } from "@vedette/standard";
import type { Group } from "./group.ts";
import type { Seen } from "./history.ts";
import type { Note } from "./occurrence.ts";
import type { Place } from "./place.ts";
import type { Belief } from "./types.ts";

export interface FoldInput {
  readonly group: Group;
  readonly class: DeviceClass;
  /** Ascending `from`: the profile that holds from then on. */
  readonly profiles: readonly { readonly from: number; readonly profile: DeclaredProfile }[];
  /** Narrowest target first. */
  readonly attestations: AssessInput["attestations"];
  readonly firmwares: AssessInput["history"]["firmwares"];
  readonly sharedKeys: AssessInput["fleet"]["sharedKeys"];
  readonly rules: string;
  /** Last time at or before `at` that the vantage reported anything, ms. */
  readonly lastReport: (vantage: string, at: number) => number;
  /** Shortest reporting interval of the vantage, ms. */
  readonly pace: (vantage: string) => number;
}

export interface TimelineInput extends FoldInput {
  /** Observations of the device's hosts and BSSs, in time. */
  readonly seen: readonly Seen[];
  readonly at: number;
}

/** A vantage from which nothing at all came: said once for the site instead of once per device. */
export interface Silence {
  readonly vantage: string;
  readonly since: number;
  readonly at: number;
}

export interface Timeline {
  readonly beliefs: readonly Belief[];
  readonly notes: readonly Note[];
  readonly silences: readonly Silence[];
  readonly verdicts: readonly Verdict[];
  readonly coverage: Coverage;
  /** Active addresses, the newest first. */
  readonly places: readonly Place[];
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly vanishedAt: number | null;
  readonly nextChangeAt: number | null;
}
