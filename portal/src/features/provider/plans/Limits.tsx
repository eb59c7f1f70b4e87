import { Checkbox, Group, NumberInput, Select, SimpleGrid, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { bytes } from "@/lib/format";
import { RowList } from "@/ui/RowList";
import { MOST, NEW_QUOTA, nextQuota, nextRate, type PlanDraft, UNITS } from "./terms";

type Form = UseFormReturnType<PlanDraft>;

const BY = [
  { value: "subscription", label: "Each subscription" },
  { value: "app", label: "Each app" },
  { value: "plan", label: "All subscribers together" },
  { value: "ip", label: "Each address" },
  { value: "claim", label: "Each value of a claim" },
];

/** How fast: every limit of the plan, all of which hold. */
export function RateLimits({ form }: { form: Form }) {
  return (
    <RowList
      label="Rate limits"
      description={HOLD}
      noun="Rate limit"
      rows={form.values.rate_limits}
      error={form.errors.rate_limits}
      most={MOST}
      onAdd={() => form.insertListItem("rate_limits", nextRate(form.values.rate_limits))}
      onRemove={(index) => form.removeListItem("rate_limits", index)}
    >
      {(row, index) => <RateFields form={form} at={`rate_limits.${index}`} byClaim={row.by === "claim"} />}
    </RowList>
  );
}

const HOLD = "None: nothing is limited by it. Several: all of them hold.";

function RateFields({ form, at, byClaim }: { form: Form; at: string; byClaim: boolean }) {
  const input = (name: string) => form.getInputProps(`${at}.${name}`);
  return (
    <>
      <Group gap="sm" align="flex-start">
        <NumberInput label="Requests" min={1} flex="1 1 150px" {...input("requests")} />
        <NumberInput label="per" min={1} flex="1 1 70px" miw={0} {...input("every")} />
        <Select label="Unit" data={UNITS} flex="1 1 110px" miw={0} {...input("unit")} />
      </Group>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="sm" mt="sm">
        <Select label="Counted for" data={BY} {...input("by")} />
        <NumberInput label="At once" placeholder="As many as in the time" min={1} {...input("burst")} />
        {byClaim && <TextInput label="Claim" placeholder="tenant" {...input("claim")} />}
      </SimpleGrid>
    </>
  );
}

const COUNTS = [
  { value: "requests", label: "Requests" },
  { value: "bytes", label: "Bytes, in and out" },
  { value: "header", label: "A number in a response header" },
];

/** How much: every quota of the plan, all of which hold. */
export function Quotas({ form }: { form: Form }) {
  return (
    <RowList
      label="Quotas"
      description={HOLD}
      noun="Quota"
      rows={form.values.quotas}
      error={form.errors.quotas}
      most={MOST}
      onAdd={() => form.insertListItem("quotas", nextQuota(form.values.quotas))}
      onRemove={(index) => form.removeListItem("quotas", index)}
    >
      {(_, index) => <QuotaFields form={form} index={index} />}
    </RowList>
  );
}

function QuotaFields({ form, index }: { form: Form; index: number }) {
  const row = form.values.quotas[index] ?? NEW_QUOTA;
  const input = (name: string) => form.getInputProps(`quotas.${index}.${name}`);
  const check = (name: string) => form.getInputProps(`quotas.${index}.${name}`, { type: "checkbox" });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="sm">
        <Select label="Counts" data={COUNTS} {...input("unit")} />
        {row.unit === "header" && <TextInput label="Header" placeholder="x-tokens" {...input("header")} />}
        <NumberInput
          label={row.unit === "bytes" ? `Amount: ${bytes(Number(row.amount))}` : "Amount"}
          min={1}
          {...input("amount")}
        />
        <Select label="in a" data={["hour", "day", "week", "month"]} {...input("window")} />
        <NumberInput
          label="Warn at"
          placeholder="Never"
          suffix=" %"
          min={1}
          max={99}
          {...input("soft_percent")}
        />
      </SimpleGrid>
      <Checkbox
        mt="sm"
        label="The time before each call, instead of the calendar's (UTC)"
        {...check("rolling")}
      />
      <Checkbox mt="xs" label="Let calls pass beyond it, and count them" {...check("overage")} />
    </>
  );
}
