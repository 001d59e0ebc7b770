/** The console: who is signed in, which screen, and what all screens share. */
import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { ProblemResponse } from "./client.ts";
import { FleetPage } from "./feature/fleet/fleet-page.tsx";
import { LiveProvider } from "./feature/live/live-context.tsx";
import { SignIn } from "./feature/session/sign-in.tsx";
import { meQuery } from "./query.ts";
import { theme } from "./theme.ts";
import { KeyProvider } from "./ui/keyboard.tsx";
import { Shell } from "./ui/shell.tsx";
import { ErrorNotice, RowSkeleton } from "./ui/state.tsx";

const DevicePage = lazy(() => import("./feature/device/device-page.tsx"));
const LivePage = lazy(() => import("./feature/live/live-page.tsx"));
const AgentPage = lazy(() => import("./feature/agent/agent-page.tsx"));
const AccountPage = lazy(() => import("./feature/account/account-page.tsx"));

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
  if (me.data === null) return <SignIn />;
  if (me.data === undefined) {
    return me.error === null ? <RowSkeleton rows={3} /> : <ErrorNotice error={me.error} retry={() => void me.refetch()} />;
  }
  return (
    <KeyProvider>
      <LiveProvider>
        <Shell me={me.data}>
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
