import { Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { api } from "@/client/http";
import type { Credential, NewCredential } from "@/client/types";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { proofOf } from "./CreateKeyDialog";

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
  const [overlap, setOverlap] = useState<string | null>("86400");
  const [next, setNext] = useState("");
  const rotate = api.useMutation("post", "/api/v1/credentials/{credential_id}/rotate", {
    onSuccess: (made) => {
      setNext("");
      onMade(made);
    },
  });
  const confirm = () =>
    credential &&
    rotate.mutate({
      params: { path: { credential_id: credential.id } },
      body: { overlap_seconds: Number(overlap), ...proofOf(next) },
    });
  return (
    <ConfirmDialog
      opened={credential !== null}
      title={`Rotate “${credential?.name ?? ""}”`}
      action={credential?.kind === "key" ? "Make the new key" : "Make the new one"}
      busy={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <Stack>
        <Text size="sm">The new one works at once. Both do until the overlap is over.</Text>
        {credential?.kind === "certificate" && (
          <Textarea
            label="Next certificate"
            description="In PEM, without its key; or only its SHA-256 fingerprint"
            spellCheck={false}
            maxRows={10}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
        )}
        <Select label="Keep the old one for" data={OVERLAPS} value={overlap} onChange={setOverlap} />
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
