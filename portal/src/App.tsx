import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import { queryClient } from "@/client/query";
import { hubQuery } from "@/client/session";
import { makeTheme, readableVariables } from "@/lib/theme";
import { router } from "@/routes/router";

// The same key as in public/color-scheme.js, which runs before the first paint.
const colorScheme = localStorageColorSchemeManager({ key: "color-scheme" });

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Branded />
    </QueryClientProvider>
  );
}

/** The theme follows the hub's colour; until that is known nothing coloured is on the page. */
function Branded() {
  const color = useQuery(hubQuery).data?.primary_color;
  const theme = useMemo(() => makeTheme(color), [color]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readableVariables}
      colorSchemeManager={colorScheme}
      defaultColorScheme="auto"
    >
      {/* Dialogs have their buttons on the right. */}
      <Notifications position="bottom-left" />
      <RouterProvider router={router} />
    </MantineProvider>
  );
}
