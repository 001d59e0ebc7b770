/** The console: who is signed in, which screen, and what all screens share. */
import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { ProblemResponse } from "./client.ts";
import { FleetPage } from "./feature/fleet/fleet-page.tsx";
import { LiveProvider } from "./feature/live/live-context.tsx";
import { SignIn } from "./feature/session/sign-in.tsx";
import { meQuery } from "./query.ts";
import { theme } from "./theme.ts";
import { KeyProvider } from "./ui/keyboard.tsx";
import { ScreenBoundary } from "./ui/screen-boundary.tsx";
import { Shell } from "./ui/shell.tsx";
import { ErrorNotice, RowSkeleton } from "./ui/state.tsx";

/** The other screens come when the first one stands, so that they are there even when the collector is not. */
const screens = {
  device: () => import("./feature/device/device-page.tsx"),
  live: () => import("./feature/live/live-page.tsx"),
  agent: () => import("./feature/agent/agent-page.tsx"),
  account: () => import("./feature/account/account-page.tsx"),
};
const DevicePage = lazy(screens.device);
const LivePage = lazy(screens.live);
const AgentPage = lazy(screens.agent);
const AccountPage = lazy(screens.account);
/** Time for the first screen's own requests, ms. */
const PRELOAD_AFTER_MS = 1_500;

function usePreloadedScreens(): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      // One that fails is asked for again when it is opened, and says so there.
      for (const load of Object.values(screens)) load().catch(() => {});
    }, PRELOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // The session has ended: ask for it again, and keep the address.
      if (error instanceof ProblemResponse && error.status === 401) queries.setQueryData(meQuery.queryKey, null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (count, error) => count < 2 && !(error instanceof ProblemResponse && error.status < 500),
    },
  },
});

function Screens() {
  const me = useQuery(meQuery);
  const [location] = useLocation();
  usePreloadedScreens();
  if (me.data === null) return <SignIn />;
  if (me.data === undefined) {
    return me.error === null ? <RowSkeleton rows={3} /> : <ErrorNotice error={me.error} retry={() => void me.refetch()} />;
  }
  return (
    <KeyProvider>
      <LiveProvider>
        <Shell me={me.data}>
          <ScreenBoundary screen={location}>
            <Suspense fallback={<RowSkeleton />}>
              <Switch>
                <Route path="/" component={FleetPage} />
                <Route path="/device/:id">{({ id }) => <DevicePage key={id} id={decodeURIComponent(id)} />}</Route>
                <Route path="/live" component={LivePage} />
                <Route path="/agents" component={AgentPage} />
                <Route path="/account" component={AccountPage} />
                <Route>
                  <Redirect to="/" replace />
                </Route>
              </Switch>
            </Suspense>
          </ScreenBoundary>
        </Shell>
      </LiveProvider>
    </KeyProvider>
  );
}

export function App() {
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <QueryClientProvider client={queries}>
          <Screens />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
