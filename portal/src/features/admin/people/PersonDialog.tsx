import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { isEmail, isNotEmpty, useForm } from "@mantine/form";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { dateTime } from "@/lib/format";
import { ErrorState } from "@/ui/ErrorState";
import { KeyOnceDialog } from "@/ui/KeyOnceDialog";

export type HubRole = "member" | "auditor" | "administrator";

export const HUB_ROLES: { value: HubRole; label: string }[] = [
  { value: "member", label: "Member: uses and provides APIs" },
  { value: "auditor", label: "Auditor: also reads everything" },
  { value: "administrator", label: "Administrator: runs the hub" },
];

interface LinkShown {
  url: string;
  until: string;
  name: string;
}

/** Invites a person: the answer is a sign-in link to hand over, good once. */
export function PersonDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [link, setLink] = useState<LinkShown | null>(null);
  return (
    <>
      <Modal opened={opened} onClose={onClose} title="Invite somebody">
        <InviteForm
          onClose={onClose}
          onMade={(made) => {
            onClose();
            setLink(made);
          }}
        />
      </Modal>
      <LinkDialog link={link} onClose={() => setLink(null)} />
    </>
  );
}

export function LinkDialog({ link, onClose }: { link: LinkShown | null; onClose: () => void }) {
  return (
    <KeyOnceDialog
      secret={link?.url ?? null}
      title={`Sign-in link for ${link?.name ?? ""}`}
      label="sign-in link"
      advice="Hand it over yourself, in a way that only they can read: whoever opens it is signed in."
      onClose={onClose}
    >
      It works once, until {link ? dateTime(link.until) : ""}.
    </KeyOnceDialog>
  );
}

function InviteForm({ onClose, onMade }: { onClose: () => void; onMade: (link: LinkShown) => void }) {
  const changed = useChanged();
  const invite = api.useMutation("post", "/api/v1/users");
  const form = useForm({
    initialValues: { name: "", email: "", hub_role: "member" as HubRole },
    validate: { name: isNotEmpty("Who is it?"), email: isEmail("This is no mail address") },
  });
  const submit = form.onSubmit((body) =>
    invite.mutate(
      { body },
      {
        onSuccess: (made) => {
          void changed();
          onMade({ url: made.one_time_login_url, until: made.expires_at, name: made.user.name });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {invite.isError && <ErrorState error={invite.error} hideFields />}
        <TextInput label="Name" data-autofocus {...form.getInputProps("name")} />
        <TextInput label="Mail address" type="email" {...form.getInputProps("email")} />
        <Select label="Role on the hub" data={HUB_ROLES} {...form.getInputProps("hub_role")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Invite
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
