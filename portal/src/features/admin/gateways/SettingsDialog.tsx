import { Button, Group, Modal, NumberInput, Stack, Switch, TagsInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import type { Gateway } from "@/client/types";
import { FormError } from "@/ui/FormError";
import { notifyDone } from "@/ui/notify";
import { PemInput } from "./PemInput";
import { draftOf, optionsOf, type SettingsDraft, settingsErrors } from "./settings";

interface Props {
  opened: boolean;
  onClose: () => void;
  gateway: Gateway;
}

export function SettingsDialog({ opened, onClose, gateway }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Settings of ${gateway.name}`} size="lg">
      <SettingsForm onClose={onClose} gateway={gateway} />
    </Modal>
  );
}

function useSettingsForm({ gateway, onClose }: Omit<Props, "opened">) {
  const changed = useChanged();
  // As it was read: the page asks again and again, and who changed it in between is not overwritten.
  const [read] = useState(gateway);
  const form = useForm<SettingsDraft>({ initialValues: draftOf(read) });
  const keep = useMutation({
    mutationFn: (draft: SettingsDraft) => {
      const params = { path: { gateway_id: read.id }, header: ifMatch(read) };
      return http.PATCH("/api/v1/gateways/{gateway_id}", { params, body: { settings: optionsOf(draft) } });
    },
    onSuccess: async () => {
      await changed();
      notifyDone("Settings saved", "The gateway takes them over now.");
      onClose();
    },
    onError: (error) => form.setErrors(settingsErrors(error)),
  });
  return { form, keep, hadTls: Boolean(read.settings?.tls) };
}

function SettingsForm(props: Omit<Props, "opened">) {
  const { form, keep, hadTls } = useSettingsForm(props);
  return (
    <form onSubmit={form.onSubmit((draft) => keep.mutate(draft))} noValidate>
      <Stack>
        <FormError error={keep.error} hideFields />
        <TagsInput
          label="Trusted proxies"
          description="Load balancers in front, as addresses or networks: their X-Forwarded-For names the caller"
          placeholder="10.0.0.0/8, then Enter"
          splitChars={[",", " "]}
          data-autofocus
          {...form.getInputProps("settings.trusted_proxies")}
        />
        <NumberInput
          label="Largest request"
          description="In bytes; above it answers 413"
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps("settings.max_request_bytes")}
        />
        <Switch
          label="Also the older X-RateLimit headers"
          description="Beside RateLimit, for clients that know only those"
          {...form.getInputProps("settings.x_ratelimit_headers", { type: "checkbox" })}
        />
        <Switch
          label="Also listen with TLS"
          description="At a port of its own; client certificates need it"
          {...form.getInputProps("listens", { type: "checkbox" })}
        />
        {form.values.listens && (
          <>
            <NumberInput
              label="Port"
              thousandSeparator=""
              allowDecimal={false}
              allowNegative={false}
              {...form.getInputProps("settings.tls.port")}
            />
            <PemInput
              label="Certificate"
              description="The chain, the gateway's own first, as PEM"
              {...form.getInputProps("settings.tls.certificate")}
            />
            <PemInput
              label="Private key"
              description={`As PEM, without a passphrase; kept sealed and never shown${hadTls ? ". Empty: the one it has stays" : ""}`}
              {...form.getInputProps("settings.tls.key")}
            />
            <PemInput
              label="Authorities of callers' certificates"
              description="As PEM; empty: no client certificate is asked for"
              {...form.getInputProps("settings.tls.client_ca")}
            />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={keep.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
