import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Gateway } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { Pair } from "@/ui/Pair";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The one to change; a new one is added without it. */
  gateway?: Gateway;
}

export function GatewayDialog({ opened, onClose, gateway }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={gateway ? "Change the gateway" : "Add a gateway"}>
      <GatewayForm onClose={onClose} gateway={gateway} />
    </Modal>
  );
}

const NEW = { name: "", environment: "production", region: "", public_url: "" };

const ENGINES = [
  { value: "envoy", label: "Envoy: every policy" },
  { value: "haproxy", label: "HAProxy: the fastest; refuses by name what it cannot do" },
];

interface Values extends Required<Pick<Gateway, keyof typeof NEW>> {
  engine: "envoy" | "haproxy";
}

async function save({ engine, ...body }: Values, gateway: Gateway | undefined): Promise<string | undefined> {
  if (!gateway) return (await http.POST("/api/v1/gateways", { body: { ...body, engine } })).data?.id;
  const params = { path: { gateway_id: gateway.id }, header: ifMatch(gateway) };
  await http.PATCH("/api/v1/gateways/{gateway_id}", { params, body });
  return undefined;
}

function GatewayForm({ onClose, ...given }: { onClose: () => void; gateway: Gateway | undefined }) {
  // As it was read: the page asks again and again, and who changed it in between is not overwritten.
  const [gateway] = useState(given.gateway);
  const changed = useChanged();
  const navigate = useNavigate();
  const { name, environment, region, public_url } = gateway ?? NEW;
  const form = useForm<Values>({
    initialValues: { name, environment, region, public_url, engine: "envoy" },
    validate: { name: isNotEmpty("Name it after where it runs") },
  });
  const keep = useMutation({
    mutationFn: (values: Values) => save(values, gateway),
    onSuccess: async (made) => {
      await changed();
      onClose();
      if (made) await navigate({ to: "/admin/gateways/$gatewayId", params: { gatewayId: made } });
    },
    onError: (error) => form.setErrors(formErrors(error)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => keep.mutate(values))} noValidate>
      <Stack>
        {keep.isError && <ErrorState error={keep.error} hideFields />}
        <TextInput label="Name" placeholder="Frankfurt edge" data-autofocus {...form.getInputProps("name")} />
        {!gateway && <Select label="Engine" data={ENGINES} {...form.getInputProps("engine")} />}
        <TextInput
          label="Public address"
          description="Where consumers call it; it may be set later"
          placeholder="https://api.example.com"
          {...form.getInputProps("public_url")}
        />
        <Pair>
          <TextInput label="Environment" {...form.getInputProps("environment")} />
          <TextInput label="Region" placeholder="eu-central" {...form.getInputProps("region")} />
        </Pair>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={keep.isPending}>
            {gateway ? "Save" : "Add it"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
