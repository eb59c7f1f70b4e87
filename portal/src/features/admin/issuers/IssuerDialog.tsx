import {
  Button,
  Group,
  Modal,
  MultiSelect,
  PasswordInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { IssuerCreate } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";

const SOURCES = [
  { value: "discovery_url", label: "Its metadata (OpenID Connect, RFC 8414)" },
  { value: "jwks_url", label: "The address of its keys (JWK Set)" },
  { value: "jwks", label: "Its keys, given here" },
  { value: "shared_secret", label: "A shared secret (HS256)" },
  { value: "opaque", label: "Nowhere: gateways ask about each token" },
] as const;

type Source = (typeof SOURCES)[number]["value"];

const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const EMPTY = {
  url: "",
  name: "",
  owner_id: "",
  source: "discovery_url" as Source,
  given: "",
  client_claim: "client_id",
  algorithms: ["RS256", "PS256", "ES256", "EdDSA"] as string[],
};

export function IssuerDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Trust an issuer" size="lg">
      <IssuerForm onClose={onClose} />
    </Modal>
  );
}

function bodyOf({ source, given, algorithms, ...rest }: typeof EMPTY): IssuerCreate {
  const allowed = source === "shared_secret" ? ["HS256"] : algorithms;
  const keys = { [source]: source === "opaque" ? true : given.trim() };
  return { ...rest, ...keys, url: rest.url.trim(), algorithms: allowed } as IssuerCreate;
}

function IssuerForm({ onClose }: { onClose: () => void }) {
  const changed = useChanged();
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query: { limit: 200 } } });
  const make = api.useMutation("post", "/api/v1/issuers");
  const form = useForm({
    initialValues: EMPTY,
    validate: {
      url: isNotEmpty("As it stands in its tokens, to the letter"),
      given: (given, { source }) => (source === "opaque" || given.trim() ? null : "Where its keys come from"),
    },
  });
  const { source } = form.values;
  const submit = form.onSubmit((values) =>
    make.mutate(
      { body: bodyOf(values) },
      {
        onSuccess: async () => {
          await changed();
          notifyDone("Trusted from now on");
          onClose();
        },
        onError: (error) => {
          const { [source]: given, ...others } = formErrors(error);
          form.setErrors({ ...others, ...(given ? { given } : {}) });
        },
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput
          label="Issuer"
          description="The iss of its tokens, to the letter; it cannot be changed later"
          placeholder="https://login.example.org"
          data-autofocus
          {...form.getInputProps("url")}
        />
        <Group grow align="flex-start">
          <TextInput label="Name" description="For people" {...form.getInputProps("name")} />
          <Select
            label="For"
            description="Whose APIs may ask for its tokens"
            data={[
              { value: "", label: "Every API" },
              ...(teams.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
            ]}
            {...form.getInputProps("owner_id")}
          />
        </Group>
        <Select label="Its keys come from" data={[...SOURCES]} {...form.getInputProps("source")} />
        <Given source={source} input={form.getInputProps("given")} />
        {source !== "shared_secret" && source !== "opaque" && (
          <MultiSelect label="Signatures" data={ALGORITHMS} {...form.getInputProps("algorithms")} />
        )}
        <TextInput
          label="Claim that names the client"
          description="Such as client_id, azp or sub"
          {...form.getInputProps("client_claim")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Trust it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Given({ source, input }: { source: Source; input: object }) {
  if (source === "opaque") return null;
  if (source === "jwks")
    return (
      <Textarea label="JWK Set" spellCheck={false} maxRows={10} placeholder='{"keys": […]}' {...input} />
    );
  if (source === "shared_secret")
    return (
      <PasswordInput
        label="Shared secret"
        description="At least 32 bytes; it is not shown again"
        autoComplete="new-password"
        {...input}
      />
    );
  return <TextInput label="Address" placeholder="https://login.example.org/…" {...input} />;
}
