import { Button, FileButton, Group, Input } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Hub } from "@/client/types";
import { HubMark } from "@/ui/HubMark";
import { pictureOf } from "./picture";

interface Props {
  /** The hub as it would be, with the picture that is chosen. */
  hub: Hub;
  error: ReactNode;
  readOnly: boolean;
  onChange: (logo: string) => void;
}

const KINDS = "image/png,image/svg+xml,image/jpeg,image/webp";

/** The hub's logo: a file from this computer, kept by the hub itself; without one the first letter of its name. */
export function LogoInput({ hub, error, readOnly, onChange }: Props) {
  const take = useMutation({ mutationFn: pictureOf, onSuccess: onChange });
  return (
    <Input.Wrapper
      label="Logo"
      labelElement="div"
      description="PNG, SVG, JPEG or WebP; the hub keeps it, and draws a letter where there is none"
      error={take.isError ? take.error.message : error}
    >
      <Group gap="sm" my={4}>
        <HubMark hub={hub} />
        {!readOnly && (
          <FileButton accept={KINDS} onChange={(file) => file && take.mutate(file)}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                size="compact-sm"
                leftSection={<IconUpload size={14} />}
                loading={take.isPending}
              >
                Choose a picture
              </Button>
            )}
          </FileButton>
        )}
        {hub.logo_url && !readOnly && (
          <Button variant="default" size="compact-sm" onClick={() => onChange("")}>
            Take it away
          </Button>
        )}
      </Group>
    </Input.Wrapper>
  );
}
