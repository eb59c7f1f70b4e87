import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { useChanged } from "@/client/changed";
import { ConfirmDialog } from "./ConfirmDialog";
import type { TextLink } from "./links";
import { notifyDone } from "./notify";

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
  const [opened, dialog] = useDisclosure(false);
  const changed = useChanged();
  const navigate = useNavigate();
  const doom = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      notifyDone(`${name} is deleted`);
      await navigate({ to: then ?? "/" });
      await changed();
    },
  });
  return (
    <>
      <Button variant="default" c="var(--mantine-color-error)" onClick={dialog.open}>
        Delete
      </Button>
      <ConfirmDialog
        opened={opened}
        title={`Delete “${name}”?`}
        action="Delete it"
        danger
        busy={doom.isPending}
        error={doom.error}
        onClose={dialog.close}
        onConfirm={() => doom.mutate()}
      >
        {children}
      </ConfirmDialog>
    </>
  );
}
