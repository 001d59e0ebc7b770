/** Declared-service profiles that the demo seeds: what the makers of two models say that is open. Plain data. */

export interface SeededProfile {
  readonly id: string;
  /** As the device's own description tells them. */
  readonly match: { readonly vendor: string; readonly model: string };
  /** "tcp/443" */
  readonly services: readonly string[];
  readonly wired: boolean;
}

export const PROFILES: readonly SeededProfile[] = [
  {
    // Everything that camera-good opens is declared.
    id: "ardent-d4",
    match: { vendor: "Ardent Optics", model: "Ardent D4" },
    services: ["tcp/80", "tcp/322", "tcp/443", "tcp/554", "udp/1900", "udp/5353"],
    wired: true,
  },
  {
    // The recorder also opens tcp/8000, which its maker does not declare.
    id: "corvid-nvr-408",
    match: { vendor: "Corvid", model: "NVR-408" },
    services: ["tcp/80", "tcp/443", "tcp/554", "udp/1900"],
    wired: true,
  },
];
