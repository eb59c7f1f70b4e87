import { useViewportSize } from "@mantine/hooks";
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/** In a row of places that scrolls sideways, the one where the reader is stays in view. */
export function useInView<Row extends HTMLElement>() {
  const row = useRef<Row>(null);
  const { width } = useViewportSize();
  const at = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the reader is, is marked in the row itself
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>('[data-status="active"]');
    if (row.current && here) row.current.scrollLeft = middle(row.current, here);
  }, [at, width]);
  return row;
}

function middle(row: HTMLElement, here: HTMLElement): number {
  const from = here.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
  return from - (row.clientWidth - here.offsetWidth) / 2;
}
