import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "@/client/http";
import type { CredentialKind, NewCredential } from "@/client/types";
import { FormError } from "@/ui/FormError";
import { KINDS } from "./kinds";
import { CertificateFields, ClientFields } from "./ProofFields";
import {
  certificateOf,
  clientOf,
  isChallengeOver,
  missing,
  NO_PROOF,
  proofErrors,
  useChallenge,
} from "./proof";

interface Props {
  appId: string;
  opened: boolean;
  onClose: () => void;
  onMade: (made: NewCredential) => void;
}

export function CreateKeyDialog({ opened, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title="New key" size="lg">
      <CreateKeyForm {...rest} />
    </Modal>
  );
}

const EMPTY = { kind: "key" as CredentialKind, name: "", ...NO_PROOF };

function CreateKeyForm({ appId, onClose, onMade }: Omit<Props, "opened">) {
  const make = api.useMutation("post", "/api/v1/apps/{app_id}/credentials");
  const form = useForm({
    initialValues: EMPTY,
    validate: {
      name: (name) => (name.trim() ? null : "Name it after where it will be used"),
      ...missing,
    },
  });
  const { kind } = form.values;
  const challenge = useChallenge(appId, kind === "certificate" || kind === "external_client");
  const refuse = (error: unknown) => {
    form.setErrors(proofErrors(error));
    if (isChallengeOver(error)) void challenge.refetch();
  };
  const submit = form.onSubmit((values) =>
    make.mutate(
      { params: { path: { app_id: appId } }, body: bodyOf(values, challenge.data?.challenge) },
      { onSuccess: onMade, onError: refuse },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormError error={make.error} hideFields />
        <TextInput label="Name" placeholder="production" data-autofocus {...form.getInputProps("name")} />
        <Select
          label="What it is"
          description={KINDS.find((one) => one.value === kind)?.about}
          data={KINDS.map(({ value, label }) => ({ value, label }))}
          allowDeselect={false}
          {...form.getInputProps("kind")}
        />
        {kind === "external_client" && (
          <ClientFields form={form} audience={challenge.data?.audience ?? location.origin} />
        )}
        {kind === "certificate" && <CertificateFields form={form} challenge={challenge} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            {kind === "key" ? "Make the key" : "Make it"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function bodyOf(draft: typeof EMPTY, challenge: string | undefined) {
  const shared = { kind: draft.kind, name: draft.name.trim() };
  if (draft.kind === "external_client") return { ...shared, ...clientOf(draft) };
  return draft.kind === "certificate" ? { ...shared, ...certificateOf(draft, challenge) } : shared;
}
