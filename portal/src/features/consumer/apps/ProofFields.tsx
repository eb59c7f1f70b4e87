import { Checkbox, Stack, Text, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { CopyField } from "@/ui/CopyField";
import { Loaded } from "@/ui/Loaded";
import { type ProofDraft, signing, type useChallenge, useMayClaim } from "./proof";

const MONO = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } };
const CLAIM = "Without proof";
const CLAIMED = "It is marked as unproven, and an app that shows a proof takes it over";

// biome-ignore lint/suspicious/noExplicitAny: a form that holds more than the proof has these fields as well
type Form = Pick<UseFormReturnType<any>, "getInputProps"> & { values: ProofDraft };

/** A client of another issuer: its token names and proves it. */
export function ClientFields({ form, audience }: { form: Form; audience: string }) {
  return (
    <>
      {form.values.claimed ? (
        <>
          <TextInput
            label="Issuer"
            placeholder="https://login.example.org"
            {...form.getInputProps("issuer")}
          />
          <TextInput label="Its client id there" {...form.getInputProps("client_id")} />
        </>
      ) : (
        <Textarea
          label="An access token of the client"
          description={`It names the client and shows that it is yours; it is not kept. Its audience is ${audience}, unless the issuer has another for proofs.`}
          spellCheck={false}
          autoComplete="off"
          rows={4}
          styles={MONO}
          {...form.getInputProps("token")}
        />
      )}
      <Claim form={form} kind="external_client" />
    </>
  );
}

interface CertificateProps {
  form: Form;
  challenge: ReturnType<typeof useChallenge>;
  label?: string;
}

/** A certificate, and what its private key signs to prove it. */
export function CertificateFields({ form, challenge, label = "Certificate" }: CertificateProps) {
  const { claimed } = form.values;
  return (
    <>
      <Textarea
        label={label}
        description={
          claimed ? "In PEM, without its key; or only its SHA-256 fingerprint" : "In PEM, without its key"
        }
        placeholder="-----BEGIN CERTIFICATE-----"
        spellCheck={false}
        rows={5}
        styles={MONO}
        {...form.getInputProps("certificate")}
      />
      {!claimed && (
        <>
          <Loaded query={challenge}>{(made) => <Command challenge={made.challenge} />}</Loaded>
          <Textarea
            label="Signature"
            description="What the command prints"
            spellCheck={false}
            rows={3}
            styles={MONO}
            {...form.getInputProps("signature")}
          />
        </>
      )}
      <Claim form={form} kind="certificate" />
    </>
  );
}

function Command({ challenge }: { challenge: string }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        Sign this with its private key
      </Text>
      <Text size="xs" c="dimmed">
        Run it where the key is, within ten minutes; the key itself never comes here.
      </Text>
      <CopyField value={signing(challenge)} label="command" size="xs" />
    </Stack>
  );
}

function Claim({ form, kind }: { form: Form; kind: "certificate" | "external_client" }) {
  const offered = useMayClaim(kind);
  if (!offered) return null;
  return (
    <Checkbox label={CLAIM} description={CLAIMED} {...form.getInputProps("claimed", { type: "checkbox" })} />
  );
}
