import { useNavigate } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { AskButton } from "./AskButton";
import type { TextLink } from "./links";

interface Props {
  name: string;
  remove: () => Promise<unknown>;
  /** Where there is still something to see once it is gone. */
  then: ComponentProps<typeof TextLink>["to"];
  /** What goes with it. */
  children: ReactNode;
}

/** Deletes what the page is about, after a question, and leaves the page. */
export function DeleteButton({ name, remove, then, children }: Props) {
  const navigate = useNavigate();
  return (
    <AskButton
      label="Delete"
      title={`Delete “${name}”?`}
      action="Delete it"
      run={remove}
      done={`${name} is deleted`}
      then={() => navigate({ to: then ?? "/" })}
    >
      {children}
    </AskButton>
  );
}
