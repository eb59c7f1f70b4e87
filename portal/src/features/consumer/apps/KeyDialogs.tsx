import { Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useState } from "react";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Credential } from "@/client/types";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorState } from "@/ui/ErrorState";

interface CreateProps {
  appId: string;
  opened: boolean;
  onClose: () => void;
  onMade: (key: string) => void;
}

export function CreateKeyDialog({ opened, ...rest }: CreateProps) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title="New key">
      <CreateKeyForm {...rest} />
    </Modal>
  );
}

function CreateKeyForm({ appId, onClose, onMade }: Omit<CreateProps, "opened">) {
  const make = api.useMutation("post", "/api/v1/apps/{app_id}/credentials");
  const form = useForm({
    initialValues: { name: "" },
    validate: { name: isNotEmpty("Name it after where it will be used") },
  });
  const submit = form.onSubmit((body) =>
    make.mutate(
      { params: { path: { app_id: appId } }, body },
      { onSuccess: ({ key }) => onMade(key ?? ""), onError: (error) => form.setErrors(formErrors(error)) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput label="Name" placeholder="production" data-autofocus {...form.getInputProps("name")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const OVERLAPS = [
  { value: "0", label: "None: the old key ends now" },
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];

interface RotateProps {
  credential: Credential | null;
  onClose: () => void;
  onMade: (key: string) => void;
}

/** A new key now; the old one stays good for a while, so that no program has to change at a given second. */
export function RotateKeyDialog({ credential, onClose, onMade }: RotateProps) {
  const [overlap, setOverlap] = useState<string | null>("86400");
  const rotate = api.useMutation("post", "/api/v1/credentials/{credential_id}/rotate", {
    onSuccess: ({ key }) => onMade(key ?? ""),
  });
  const confirm = () =>
    credential &&
    rotate.mutate({
      params: { path: { credential_id: credential.id } },
      body: { overlap_seconds: Number(overlap) },
    });
  return (
    <ConfirmDialog
      opened={credential !== null}
      title={`Rotate “${credential?.name ?? ""}”`}
      action="Make the new key"
      busy={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <Stack>
        <Text size="sm">You get a new key now. Both work until the overlap is over.</Text>
        <Select label="Keep the old key for" data={OVERLAPS} value={overlap} onChange={setOverlap} />
      </Stack>
    </ConfirmDialog>
  );
}

interface RevokeProps {
  credential: Credential | null;
  onClose: () => void;
  onDone: () => void;
}

export function RevokeKeyDialog({ credential, onClose, onDone }: RevokeProps) {
  const revoke = api.useMutation("post", "/api/v1/credentials/{credential_id}/revoke", { onSuccess: onDone });
  return (
    <ConfirmDialog
      opened={credential !== null}
      title={`Revoke “${credential?.name ?? ""}”?`}
      action="Revoke it"
      danger
      busy={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onConfirm={() => credential && revoke.mutate({ params: { path: { credential_id: credential.id } } })}
    >
      Every gateway refuses it within a second. This cannot be taken back; to change keys without a gap,
      rotate.
    </ConfirmDialog>
  );
}
