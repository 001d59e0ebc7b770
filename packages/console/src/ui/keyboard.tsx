/** Keys of the page: one listener, bindings by whoever is on the screen; never while someone types. */
import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useState } from "react";
import { matchKey, type Pressed } from "./key-sequence.ts";

export type KeyMap = Readonly<Record<string, () => void>>;

interface Binding {
  readonly keys: () => KeyMap;
}

const KeyContext = createContext<Set<Binding> | null>(null);

/** True where the key belongs to a field. */
function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** True where Enter already does something. */
function acts(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("a, button, [role=button], summary") !== null;
}

export function KeyProvider({ children }: { readonly children: ReactNode }) {
  const [bindings] = useState(() => new Set<Binding>());
  useEffect(() => {
    let pending: Pressed | null = null;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if (typing(event.target) || (event.key === "Enter" && acts(event.target))) return;
      // Whoever came last is on top.
      const maps = [...bindings].reverse().map((b) => b.keys());
      const matched = matchKey(
        maps.flatMap((m) => Object.keys(m)),
        pending,
        { key: event.key, at: event.timeStamp },
      );
      pending = matched.pending;
      if (matched.hit === null) return;
      event.preventDefault();
      maps.find((m) => m[matched.hit ?? ""] !== undefined)?.[matched.hit]?.();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [bindings]);
  return <KeyContext value={bindings}>{children}</KeyContext>;
}

export function useKeys(keys: KeyMap): void {
  const bindings = useContext(KeyContext);
  const current = useEffectEvent(() => keys);
  useEffect(() => {
    if (bindings === null) return;
    const binding = { keys: () => current() };
    bindings.add(binding);
    return () => {
      bindings.delete(binding);
    };
  }, [bindings]);
}
