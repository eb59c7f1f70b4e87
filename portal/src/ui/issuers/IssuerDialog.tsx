import {
  Button,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import { useAdministrator } from "@/client/session";
import type { Issuer } from "@/client/types";
import { FormError } from "@/ui/FormError";
import { notifyDone } from "@/ui/notify";
import { Pair } from "@/ui/Pair";
import {
  ALGORITHMS,
  changeOf,
  createOf,
  draftOf,
  type IssuerDraft,
  isRemote,
  issuerErrors,
  missingPlace,
  NEW_ISSUER,
  SOURCES,
  type Source,
} from "./draft";
import { EVERY_API, type IssuerOwner } from "./owners";

interface Props {
  /** The one to change; without it a new one is trusted. */
  issuer?: Issuer | undefined;
  /** For whom a new one may be trusted. */
  owners?: IssuerOwner[];
  opened: boolean;
  onClose: () => void;
}

export function IssuerDialog({ opened, ...rest }: Props) {
  const { issuer, onClose } = rest;
  const title = issuer ? `Change ${issuer.name || issuer.url}` : "Trust an issuer";
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      <IssuerForm {...rest} />
    </Modal>
  );
}

type FormProps = Omit<Props, "opened">;

async function save(issuer: Issuer | undefined, draft: IssuerDraft): Promise<void> {
  if (!issuer) {
    await http.POST("/api/v1/issuers", { body: createOf(draft) });
    return;
  }
  const params = { path: { issuer_id: issuer.id }, header: ifMatch(issuer) };
  await http.PATCH("/api/v1/issuers/{issuer_id}", { params, body: changeOf(issuer, draft) });
}

function useIssuerForm({ issuer, owners, onClose }: FormProps) {
  const changed = useChanged();
  const form = useForm<IssuerDraft>({
    initialValues: issuer ? draftOf(issuer) : { ...NEW_ISSUER, owner_id: owners?.[0]?.value ?? "" },
    validate: {
      url: isNotEmpty("As it stands in its tokens, to the letter"),
      given: (_, draft) => missingPlace(draft, issuer),
    },
  });
  const keep = useMutation({
    mutationFn: (draft: IssuerDraft) => save(issuer, draft),
    onSuccess: async () => {
      await changed();
      notifyDone(issuer ? "Issuer changed" : "Trusted from now on");
      onClose();
    },
    onError: (error, draft) => form.setErrors(issuerErrors(error, draft.source)),
  });
  return { form, keep };
}

/** Whom the issuer is for, in a select: it may be chosen of a new one only. */
function ownersOf({ issuer, owners = [] }: FormProps): IssuerOwner[] {
  if (!issuer) return owners;
  return [issuer.owner ? { value: issuer.owner.id, label: issuer.owner.name } : EVERY_API];
}

function IssuerForm(props: FormProps) {
  const { issuer, onClose } = props;
  const { form, keep } = useIssuerForm(props);
  const administrator = useAdministrator();
  const { source } = form.values;
  // What cannot be changed is still to be read and copied.
  const fixed = issuer ? ({ readOnly: true, variant: "filled" } as const) : {};
  return (
    <form onSubmit={form.onSubmit((draft) => keep.mutate(draft))} noValidate>
      <Stack>
        <FormError error={keep.error} hideFields />
        <TextInput
          label="Issuer"
          description="The iss of its tokens, to the letter; it cannot be changed later"
          placeholder="https://login.example.org"
          {...fixed}
          data-autofocus={issuer ? undefined : true}
          {...form.getInputProps("url")}
        />
        <Pair>
          <TextInput
            label="Name"
            description="For people"
            data-autofocus={issuer ? true : undefined}
            {...form.getInputProps("name")}
          />
          <Select
            label="For"
            description="Whose APIs may ask for its tokens"
            {...fixed}
            allowDeselect={false}
            data={ownersOf(props)}
            {...form.getInputProps("owner_id")}
          />
        </Pair>
        <Select
          label="Its keys come from"
          data={[...SOURCES]}
          allowDeselect={false}
          {...form.getInputProps("source")}
        />
        <Given
          source={source}
          held={issuer !== undefined && draftOf(issuer).source === source}
          input={form.getInputProps("given")}
        />
        {isRemote(source) && (
          <Pair>
            <NumberInput
              label="Fetched every"
              description="In seconds"
              min={30}
              max={86400}
              {...form.getInputProps("refresh_seconds")}
            />
            {administrator && (
              <Switch
                label="Also without TLS"
                description="Only where nobody can listen in"
                {...form.getInputProps("allow_http", { type: "checkbox" })}
              />
            )}
          </Pair>
        )}
        {source !== "shared_secret" && source !== "opaque" && (
          <MultiSelect label="Signatures" data={ALGORITHMS} {...form.getInputProps("algorithms")} />
        )}
        <Pair>
          <TextInput
            label="Claim that names the client"
            description="Such as client_id, azp or sub"
            {...form.getInputProps("client_claim")}
          />
          {source !== "opaque" && (
            <TextInput
              label="Audience of proofs"
              description="Of tokens that prove a client; empty: this hub’s address"
              {...form.getInputProps("proof_audience")}
            />
          )}
        </Pair>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={keep.isPending}>
            {issuer ? "Save" : "Trust it"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface GivenProps {
  source: Source;
  /** What is there is not shown, but may stay. */
  held: boolean;
  input: object;
}

function Given({ source, held, input }: GivenProps) {
  const keeps = held ? "Empty: those it has stay" : undefined;
  switch (source) {
    case "opaque":
      return null;
    case "jwks":
      return (
        <Textarea
          label="JWK Set"
          description={keeps}
          spellCheck={false}
          autosize
          minRows={3}
          maxRows={10}
          placeholder='{"keys": […]}'
          {...input}
        />
      );
    case "shared_secret":
      return (
        <PasswordInput
          label="Shared secret"
          description={`At least 32 bytes; it is not shown again${held ? ". Empty: the one it has stays" : ""}`}
          autoComplete="new-password"
          {...input}
        />
      );
    case "discovery_url":
      return (
        <TextInput
          label="Address"
          description="Empty: the usual place below the issuer"
          placeholder="https://login.example.org/.well-known/openid-configuration"
          {...input}
        />
      );
    case "jwks_url":
      return <TextInput label="Address" placeholder="https://login.example.org/keys" {...input} />;
  }
}
