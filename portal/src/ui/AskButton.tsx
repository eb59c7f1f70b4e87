import { Button, type ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useChanged } from "@/client/changed";
import { ConfirmDialog } from "./ConfirmDialog";
import { notifyDone } from "./notify";

interface Props extends Pick<ButtonProps, "size" | "disabled"> {
  label: string;
  /** Its whole name, where several beside each other have the same label. */
  name?: string;
  title: string;
  action: string;
  danger?: boolean;
  run: () => Promise<unknown>;
  /** Said afterwards. */
  done: string;
  /** Before the page is asked for anew: where it is no longer there, another one. */
  then?: () => Promise<void>;
  /** What follows. It is rendered with the question, and may ask the hub itself. */
  children: ReactNode;
}

/** Does what many would feel at once, or what cannot be taken back, after a question that says what follows. */
export function AskButton({ label, name, size, disabled, danger = true, run, done, then, ...asked }: Props) {
  const [opened, dialog] = useDisclosure(false);
  const changed = useChanged();
  const doing = useMutation({
    mutationFn: run,
    onSuccess: async () => {
      notifyDone(done);
      dialog.close();
      await then?.();
      await changed();
    },
  });
  const close = () => {
    doing.reset();
    dialog.close();
  };
  return (
    <>
      <Button
        variant="default"
        c={danger ? "var(--mantine-color-error)" : undefined}
        size={size}
        disabled={disabled}
        aria-label={name}
        onClick={dialog.open}
      >
        {label}
      </Button>
      <ConfirmDialog
        opened={opened}
        danger={danger}
        busy={doing.isPending}
        error={doing.error}
        onClose={close}
        onConfirm={() => doing.mutate()}
        {...asked}
      />
    </>
  );
}
