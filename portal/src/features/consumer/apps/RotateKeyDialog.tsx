import { Select, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "@/client/http";
import type { Credential, NewCredential } from "@/client/types";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { CertificateFields } from "./ProofFields";
import { certificateOf, isChallengeOver, missing, NO_PROOF, proofErrors, useChallenge } from "./proof";

const OVERLAPS = [
  { value: "0", label: "Not at all: it ends now" },
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];

interface RotateProps {
  credential: Credential | null;
  onClose: () => void;
  onMade: (made: NewCredential) => void;
}

/** A new key now; the old one stays good for a while, so that no program has to change at a given second. */
export function RotateKeyDialog({ credential, onClose, onMade }: RotateProps) {
  const isCertificate = credential?.kind === "certificate";
  const challenge = useChallenge(credential?.app_id ?? "", isCertificate);
  const form = useForm({
    initialValues: { overlap: "86400", ...NO_PROOF },
    validate: {
      certificate: (pem, draft) =>
        missing.certificate?.(pem, { ...draft, kind: credential?.kind ?? "key" }) ?? null,
      signature: (made, draft) =>
        missing.signature?.(made, { ...draft, kind: credential?.kind ?? "key" }) ?? null,
    },
  });
  const rotate = api.useMutation("post", "/api/v1/credentials/{credential_id}/rotate", {
    onSuccess: (made) => {
      form.reset();
      onMade(made);
    },
    onError: (error) => {
      form.setErrors(proofErrors(error));
      if (isChallengeOver(error)) void challenge.refetch();
    },
  });
  const confirm = form.onSubmit(({ overlap, ...draft }) => {
    const params = { path: { credential_id: credential?.id ?? "" } };
    const proof = isCertificate ? certificateOf(draft, challenge.data?.challenge) : {};
    rotate.mutate({ params, body: { overlap_seconds: Number(overlap), ...proof } });
  });
  return (
    <ConfirmDialog
      opened={credential !== null}
      title={`Rotate “${credential?.name ?? ""}”`}
      action={credential?.kind === "key" ? "Make the new key" : "Make the new one"}
      busy={rotate.isPending}
      error={rotate.error}
      onClose={() => {
        form.reset();
        rotate.reset();
        onClose();
      }}
      onConfirm={confirm}
    >
      <Stack>
        <Text size="sm">The new one works at once. Both do until the overlap is over.</Text>
        {isCertificate && <CertificateFields form={form} challenge={challenge} label="Next certificate" />}
        <Select
          label="Keep the old one for"
          data={OVERLAPS}
          allowDeselect={false}
          {...form.getInputProps("overlap")}
        />
      </Stack>
    </ConfirmDialog>
  );
}
