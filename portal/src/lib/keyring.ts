import { useSyncExternalStore } from "react";

/**
 * Keys made in this very tab, so that try-it and snippets are filled in. In memory only: a reload forgets them, they are
 * never stored and never sent anywhere but in the reader's own calls.
 */
const keys = new Map<string, string>();
const listeners = new Set<() => void>();

export function rememberKey(appId: string, key: string): void {
  keys.set(appId, key);
  for (const listener of listeners) listener();
}

export function forgetKeys(): void {
  keys.clear();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The key made last in this tab for one of these apps, if any. */
export function useRememberedKey(appIds: readonly string[]): string | undefined {
  return useSyncExternalStore(subscribe, () => {
    const known = [...keys.entries()].reverse().find(([appId]) => appIds.includes(appId));
    return known?.[1];
  });
}
