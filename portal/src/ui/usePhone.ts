import { useMediaQuery } from "@mantine/hooks";

/** Whether the page is as narrow as a phone: the same width at which the styles change. */
export const usePhone = (): boolean =>
  useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
