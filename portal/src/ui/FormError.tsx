import { Box } from "@mantine/core";
import { useEffect, useRef } from "react";
import { ErrorState } from "./ErrorState";

/** A dialog keeps its title in view while it is scrolled. */
const BELOW_THE_TITLE = 72;

interface Props {
  /** What the hub said against the form; nothing is shown while there is nothing. */
  error: unknown;
  /** Errors already shown beside their fields need no second mention. */
  hideFields?: boolean;
}

/** A refusal on top of a form, brought into view: the button that caused it may be far below. */
export function FormError({ error, hideFields = false }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) place.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  return error ? (
    <Box ref={place} style={{ scrollMarginTop: BELOW_THE_TITLE }}>
      <ErrorState error={error} hideFields={hideFields} />
    </Box>
  ) : null;
}
