import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { CredentialKind, NewCredential } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { KINDS } from "./kinds";

interface Props {
  appId: string;
  opened: boolean;
  onClose: () => void;
  onMade: (made: NewCredential) => void;
}

export function CreateKeyDialog({ opened, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title="New key">
      <CreateKeyForm {...rest} />
    </Modal>
  );
}

const EMPTY = { kind: "key" as CredentialKind, name: "", issuer: "", client_id: "", certificate: "" };

function CreateKeyForm({ appId, onClose, onMade }: Omit<Props, "opened">) {
  const make = api.useMutation("post", "/api/v1/apps/{app_id}/credentials");
  const form = useForm({
    initialValues: EMPTY,
    validate: {
      name: (name) => (name.trim() ? null : "Name it after where it will be used"),
      issuer: (issuer, { kind }) =>
        kind === "external_client" && !issuer.trim() ? "The address of the issuer" : null,
      client_id: (id, { kind }) =>
        kind === "external_client" && !id.trim() ? "The id that the program has there" : null,
      certificate: (pem, { kind }) =>
        kind === "certificate" && !pem.trim() ? "The certificate, or its fingerprint" : null,
    },
  });
  const submit = form.onSubmit((values) =>
    make.mutate(
      { params: { path: { app_id: appId } }, body: bodyOf(values) },
      { onSuccess: onMade, onError: (error) => form.setErrors(formErrors(error)) },
    ),
  );
  const { kind } = form.values;
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput label="Name" placeholder="production" data-autofocus {...form.getInputProps("name")} />
        <Select
          label="What it is"
          description={KINDS.find((one) => one.value === kind)?.about}
          data={KINDS.map(({ value, label }) => ({ value, label }))}
          {...form.getInputProps("kind")}
        />
        {kind === "external_client" && (
          <>
            <TextInput
              label="Issuer"
              placeholder="https://login.example.org"
              {...form.getInputProps("issuer")}
            />
            <TextInput label="Its client id there" {...form.getInputProps("client_id")} />
          </>
        )}
        {kind === "certificate" && (
          <Textarea
            label="Certificate"
            description="In PEM, without its key; or only its SHA-256 fingerprint"
            placeholder="-----BEGIN CERTIFICATE-----"
            spellCheck={false}
            maxRows={10}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
            {...form.getInputProps("certificate")}
          />
        )}
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

function bodyOf({ kind, name, issuer, client_id, certificate }: typeof EMPTY) {
  const shared = { kind, name: name.trim() };
  if (kind === "external_client") return { ...shared, issuer: issuer.trim(), client_id: client_id.trim() };
  return kind === "certificate" ? { ...shared, ...proofOf(certificate) } : shared;
}

/** A certificate as it was given: whole, or only its fingerprint. */
export function proofOf(given: string): { certificate?: string; fingerprint?: string } {
  const text = given.trim();
  if (!text) return {};
  return text.includes("BEGIN") ? { certificate: text } : { fingerprint: text };
}
