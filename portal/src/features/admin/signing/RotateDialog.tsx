import { Radio, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { notifyDone } from "@/ui/notify";

const LEADS = [
  { value: "0", label: "At once" },
  { value: "3600", label: "In 1 hour" },
  { value: "86400", label: "In 1 day" },
  { value: "604800", label: "In 7 days" },
];

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** In good time, so that nobody notices; or at once, because a key leaked. */
export function RotateDialog({ opened, onClose }: Props) {
  const changed = useChanged();
  const [way, setWay] = useState("follow");
  const [lead, setLead] = useState("3600");
  const leaked = way === "leaked";
  const rotate = api.useMutation("post", "/api/v1/signing-keys/rotate", {
    onSuccess: async () => {
      await changed();
      notifyDone(leaked ? "The new key signs, the old ones are gone" : "The next key is published");
      close();
    },
  });
  const close = () => {
    setWay("follow");
    rotate.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={opened}
      title="Rotate the signing key?"
      action={leaked ? "Drop the old keys" : "Make the next key"}
      danger={leaked}
      busy={rotate.isPending}
      error={rotate.error}
      onClose={close}
      onConfirm={() => rotate.mutate({ body: { lead_seconds: Number(lead), drop_old: leaked } })}
    >
      <Radio.Group value={way} onChange={setWay} label="Why" mb="md">
        <Stack gap="sm" mt="xs">
          <Radio
            value="follow"
            label="It is time"
            description="The old key stays published until its last token has expired; no call is refused."
          />
          <Radio
            value="leaked"
            label="A key leaked"
            description="The new key signs at once. Every token out there is refused; apps have to get new ones."
          />
        </Stack>
      </Radio.Group>
      {!leaked && (
        <Select
          label="The new key signs"
          description="It is published before, so that whoever keeps the public keys for a while knows it in time"
          data={LEADS}
          allowDeselect={false}
          value={lead}
          onChange={(value) => setLead(value ?? "3600")}
        />
      )}
    </ConfirmDialog>
  );
}
