import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { CopyField } from "./CopyField";

interface Props {
  secret: string | null;
  title: string;
  /** What the secret is, for screen readers: "API key", "access token". */
  label: string;
  /** What belongs to it and is no secret: a user name, an address. */
  beside?: { label: string; value: string }[];
  /** What to do with it, where it is not for a secret store. */
  advice?: string;
  children?: ReactNode;
  onClose: () => void;
}

const KEEP =
  "Keep it in a secret store. Only a fingerprint of it stays here, so nobody can show it to you again.";

/** A secret that is shown this once: it cannot be closed by accident, only after saying that it is kept. */
export function KeyOnceDialog({ secret, title, onClose, ...rest }: Props) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={title}
      size="lg"
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      {secret !== null && <Content secret={secret} onClose={onClose} {...rest} />}
    </Modal>
  );
}

type ContentProps = Omit<Props, "secret" | "title"> & { secret: string };

function Content({ secret, label, beside = [], advice = KEEP, children, onClose }: ContentProps) {
  const [kept, setKept] = useState(false);
  return (
    <Stack>
      {beside.map((one) => (
        <Named key={one.label} {...one} />
      ))}
      {beside.length > 0 ? (
        <Named label={label} value={secret} />
      ) : (
        <CopyField value={secret} label={label} size="md" />
      )}
      <Alert color="yellow" icon={<IconEyeOff />} title="This is the only time it is shown">
        {advice}
      </Alert>
      {children && (
        <Text size="sm" component="div">
          {children}
        </Text>
      )}
      <Group justify="space-between">
        <Checkbox
          label="I have kept it somewhere safe"
          checked={kept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
        <Button disabled={!kept} onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

function Named({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={550} mb={4}>
        {label}
      </Text>
      <CopyField value={value} label={label.toLowerCase()} />
    </div>
  );
}
