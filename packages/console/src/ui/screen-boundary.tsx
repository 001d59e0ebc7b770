import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "./state.tsx";

interface Props {
  /** Another screen gets another chance. */
  readonly screen: string;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
  readonly screen: string;
}

/**
 * Keeps the frame when a screen cannot be shown: its part of the program did not arrive (the collector is gone, or serves a
 * newer console by now), or it broke.
 */
export class ScreenBoundary extends Component<Props, State> {
  override state: State = { error: null, screen: this.props.screen };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.screen === state.screen ? null : { error: null, screen: props.screen };
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Broken error={this.state.error} />;
  }
}

function Broken({ error }: { readonly error: Error }) {
  const { t } = useTranslation();
  return (
    <Notice title={t("state.broken")} tone="bad">
      {error.message}{" "}
      <Button variant="default" size="compact-sm" onClick={() => window.location.reload()}>
        {t("state.reload")}
      </Button>
    </Notice>
  );
}
