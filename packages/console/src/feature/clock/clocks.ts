/** The two clocks of the page, held by its address: `?at=…&knownAt=…`, so that a link shows what its sender saw. */
import { useLocation, useSearchParams } from "wouter";
import type { Clocks } from "../../query.ts";

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function timeOf(text: string | null): string | undefined {
  if (text === null || !RFC3339.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

export function useClocks(): readonly [Clocks, (clocks: Clocks) => void] {
  const [params, setParams] = useSearchParams();
  const clocks: Clocks = { at: timeOf(params.get("at")), knownAt: timeOf(params.get("knownAt")) };
  const set = (next: Clocks) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const key of ["at", "knownAt"] as const) {
          if (next[key] === undefined) after.delete(key);
          else after.set(key, next[key]);
        }
        return after;
      },
      { replace: true },
    );
  return [clocks, set];
}

/** A path of the console with the clocks of this page and further parameters. */
export function pathWith(path: string, clocks: Clocks, more: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...more, at: clocks.at, knownAt: clocks.knownAt })) {
    if (value !== undefined) params.set(key, value);
  }
  const text = params.toString();
  return text === "" ? path : `${path}?${text}`;
}

export function devicePath(id: string, clocks: Clocks, more: Readonly<Record<string, string>> = {}): string {
  return pathWith(`/device/${encodeURIComponent(id)}`, clocks, more);
}

/** The drawer's place in the address: opens over the page that is there. */
export function useDrawer(): { readonly device: string | null; readonly clause: string | null; readonly observation: string | null } {
  const [location] = useLocation();
  const [params] = useSearchParams();
  const onDevice = /^\/device\/([^/]+)$/.exec(location)?.[1];
  return {
    device: params.get("device") ?? (onDevice === undefined ? null : decodeURIComponent(onDevice)),
    clause: params.get("clause"),
    observation: params.get("observation"),
  };
}
