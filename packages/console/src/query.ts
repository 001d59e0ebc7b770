/** What the screens ask for, as TanStack Query options: keys, paths and how long an answer holds. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type {
  Agent,
  Assessment,
  Device,
  DeviceDetail,
  Event,
  Observation,
  Page,
  Site,
  Timeline,
  TimelineItem,
} from "@vedette/collector/api";
import type { Clause } from "@vedette/standard";
import { client, ProblemResponse, type Query } from "./client.ts";

export interface Me {
  readonly id: string;
  readonly kind: "user" | "token" | "system";
  readonly tenant: string;
  readonly grants: readonly { readonly site: string | null; readonly role: string }[];
  readonly name: string;
  readonly mustChangePassword: boolean;
}

export type { Clause };

/** A standard as REST gives it: its clauses in our words. */
export interface Standard {
  readonly id: string;
  readonly clauses: readonly Clause[];
}

/** Both clocks of a question, RFC 3339; undefined is now. */
export interface Clocks {
  readonly at?: string | undefined;
  readonly knownAt?: string | undefined;
}

const STANDARD = "ts-0014-1@2";
const DEVICES_PER_PAGE = 1_000;
const STRETCHES_PER_PAGE = 5_000;
/** Live events refresh what is shown; this catches what makes no event, such as `lastSeenAt`. */
const REFRESH_MS = 15_000;

/** null: nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await client.get<Me>("/me", {}, signal);
    } catch (error) {
      if (error instanceof ProblemResponse && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const sitesQuery = queryOptions({
  queryKey: ["sites"],
  queryFn: async ({ signal }) => (await client.get<Page<Site>>("/sites", {}, signal)).items,
  refetchInterval: REFRESH_MS,
});

export function devicesQuery(query: Query) {
  return infiniteQueryOptions({
    queryKey: ["devices", query],
    queryFn: ({ pageParam, signal }) =>
      client.get<Page<Device>>("/devices", { ...query, limit: DEVICES_PER_PAGE, cursor: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

export function deviceQuery(id: string) {
  return queryOptions({
    queryKey: ["device", id],
    queryFn: ({ signal }) => client.get<DeviceDetail>(`/devices/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: REFRESH_MS,
  });
}

export function assessmentQuery(id: string, { at, knownAt }: Clocks) {
  return queryOptions({
    queryKey: ["assessment", id, at, knownAt],
    queryFn: ({ signal }) => client.get<Assessment>(`/devices/${encodeURIComponent(id)}/assessment`, { at, knownAt }, signal),
    // The past, as known at a time, does not change any more.
    staleTime: at !== undefined && knownAt !== undefined ? Number.POSITIVE_INFINITY : 0,
    refetchInterval: at === undefined || knownAt === undefined ? REFRESH_MS : false,
    placeholderData: keepPreviousData,
  });
}

export function timelineQuery(id: string, knownAt: string | undefined) {
  return queryOptions({
    queryKey: ["timeline", id, knownAt],
    queryFn: async ({ signal }) => {
      const items: TimelineItem[] = [];
      let cursor: string | null = null;
      let known = "";
      do {
        const page: Timeline = await client.get<Timeline>(
          `/devices/${encodeURIComponent(id)}/timeline`,
          { knownAt, limit: STRETCHES_PER_PAGE, cursor: cursor ?? undefined },
          signal,
        );
        items.push(...page.items);
        known = page.knownAt;
        cursor = page.nextCursor;
      } while (cursor !== null);
      return { items, knownAt: known };
    },
    refetchInterval: knownAt === undefined ? REFRESH_MS : false,
    placeholderData: keepPreviousData,
  });
}

export function eventsQuery(query: Query) {
  return queryOptions({
    queryKey: ["events", query],
    queryFn: async ({ signal }) => (await client.get<Page<Event>>("/events", query, signal)).items,
  });
}

export function observationQuery(device: string, id: string) {
  return queryOptions({
    queryKey: ["observation", device, id],
    queryFn: async ({ signal }) =>
      (await client.get<Page<Observation>>(`/devices/${encodeURIComponent(device)}/observations`, { id }, signal)).items[0] ?? null,
    // An observation never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: async ({ signal }) => (await client.get<Page<Agent>>("/agents", {}, signal)).items,
  refetchInterval: 5_000,
});

export const standardQuery = queryOptions({
  queryKey: ["standard"],
  queryFn: ({ signal }) => client.get<Standard>(`/standards/${STANDARD}`, {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});
