import { SimpleGrid } from "@mantine/core";
import type { ReactNode } from "react";

/** Two inputs beside each other, where there is room for two. */
export function Pair({ children }: { children: ReactNode }) {
  return <SimpleGrid cols={{ base: 1, xs: 2 }}>{children}</SimpleGrid>;
}
