/** One live connection for the signed-in console: it feeds the live screen, and tells the others that their answers are old. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type Dispatch, type ReactNode, useContext, useEffect, useMemo, useReducer, useState } from "react";
import { followLive, type LivePhase } from "../../live.ts";
import { eventsQuery, meQuery } from "../../query.ts";
import { EMPTY_FEED, type Feed, type FeedAction, feedAfter } from "./feed.ts";

interface Live {
  readonly phase: LivePhase;
  readonly feed: Feed;
  readonly dispatch: Dispatch<FeedAction>;
}

const LiveContext = createContext<Live>({ phase: "connecting", feed: EMPTY_FEED, dispatch: () => {} });

const HISTORY = 200;
/** Events come in bursts: screens are refreshed once for each, ms. */
const REFRESH_AFTER_MS = 400;
/** What an event can make old. */
const TOUCHED = new Set(["sites", "devices", "device", "assessment", "timeline", "events"]);

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [phase, setPhase] = useState<LivePhase>("connecting");
  const [feed, dispatch] = useReducer(feedAfter, EMPTY_FEED);
  useEffect(() => {
    let refresh: ReturnType<typeof setTimeout> | undefined;
    const stale = () => {
      refresh ??= setTimeout(() => {
        refresh = undefined;
        void queries.invalidateQueries({ predicate: (q) => TOUCHED.has(String(q.queryKey[0])) });
      }, REFRESH_AFTER_MS);
    };
    const stop = followLive({
      opened() {
        void queries
          .fetchQuery({ ...eventsQuery({ limit: HISTORY }), staleTime: 0 })
          .then((events) => dispatch({ type: "history", events }))
          // The screen says by itself that the collector does not answer.
          .catch(() => {});
      },
      event(event) {
        dispatch({ type: "event", event, at: Date.now() });
        stale();
      },
      phase(next) {
        setPhase(next);
        if (next === "away") dispatch({ type: "lost", at: Date.now() });
        if (next === "open") {
          dispatch({ type: "back", at: Date.now() });
          stale();
        }
      },
      refused: () => void queries.resetQueries({ queryKey: meQuery.queryKey }),
    });
    return () => {
      stop();
      clearTimeout(refresh);
    };
  }, [queries]);
  const live = useMemo(() => ({ phase, feed, dispatch }), [phase, feed]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  return useContext(LiveContext);
}
