import { Button, FileButton, Stack, Textarea, type TextareaProps } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";

interface Props extends Omit<TextareaProps, "onChange"> {
  label: string;
  onChange: (text: string) => void;
}

/** Certificates or a key as text: pasted, or read from a file of this computer. */
export function PemInput({ label, onChange, ...input }: Props) {
  return (
    <Stack gap={6} align="flex-start">
      <Textarea
        {...input}
        label={label}
        onChange={(event) => onChange(event.currentTarget.value)}
        w="100%"
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
        autoComplete="off"
        placeholder="-----BEGIN …"
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
      />
      <FileButton onChange={(file) => file && void file.text().then(onChange)}>
        {(props) => (
          <Button
            {...props}
            variant="default"
            size="compact-xs"
            leftSection={<IconFileText size={13} />}
            aria-label={`${label} from a file`}
          >
            From a file
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}
