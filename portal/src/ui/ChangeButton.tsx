import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props {
  /** What it says where the page has more than one. */
  label?: string;
  /** The dialog in which what the page is about is changed. */
  children: (dialog: { opened: boolean; onClose: () => void }) => ReactNode;
}

/** Opens the dialog that changes what the page is about; it gets the focus back when that closes. */
export function ChangeButton({ label = "Change", children }: Props) {
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        {label}
      </Button>
      {children({ opened, onClose: dialog.close })}
    </>
  );
}
