import { words } from "@/lib/format";
import { RowList } from "@/ui/RowList";
import { type Json, startOf } from "./fields";
import { type FormErrors, SchemaForm } from "./SchemaForm";

interface Props {
  label: string;
  description: string;
  schema: Json;
  values: Json[];
  onChange: (values: Json[]) => void;
  errors: FormErrors;
  at: string;
}

/** Rows of objects: each a small form, with one more at the end. */
export function ObjectList({ label, description, schema, values, onChange, errors, at }: Props) {
  const noun = words(
    typeof schema.title === "string" ? schema.title.replace(/([a-z])([A-Z])/g, "$1 $2") : "item",
  );
  return (
    <RowList
      label={label}
      description={description}
      noun={noun}
      rows={values}
      error={errors[at]}
      onAdd={() => onChange([...values, startOf(schema)])}
      onRemove={(index) => onChange(values.filter((_, other) => other !== index))}
    >
      {(value, index) => (
        <SchemaForm
          schema={schema}
          value={value}
          onChange={(next) => onChange(values.map((old, other) => (other === index ? next : old)))}
          errors={errors}
          at={`${at}/${index}`}
        />
      )}
    </RowList>
  );
}
