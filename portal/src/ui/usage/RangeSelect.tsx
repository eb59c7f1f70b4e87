import { Select } from "@mantine/core";
import { RANGES, type Range } from "./ranges";

export function RangeSelect({ range, onChange }: { range: Range; onChange: (id: string) => void }) {
  return (
    <Select
      aria-label="Time"
      w={170}
      value={range.id}
      onChange={(id) => id && onChange(id)}
      data={RANGES.map(({ id, label }) => ({ value: id, label }))}
    />
  );
}
