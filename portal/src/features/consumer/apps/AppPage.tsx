import { Button, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { api, ifMatch } from "@/client/http";
import type { App } from "@/client/types";
import { can } from "@/lib/may";
import { ApiMark } from "@/ui/ApiMark";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink, TextLink } from "@/ui/links";
import { notifyDone } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { AppDialog } from "./AppDialog";
import { AppSubscriptions } from "./AppSubscriptions";
import { Keys } from "./Keys";

export function AppPage() {
  const { appId } = useParams({ from: "/apps/$appId" });
  const app = api.useQuery("get", "/api/v1/apps/{app_id}", { params: { path: { app_id: appId } } });
  return (
    <Loaded query={app} page>
      {(data) => (
        <>
          <Top app={data} />
          <Stack gap="xl">
            <Keys app={data} />
            <AppSubscriptions app={data} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Top({ app }: { app: App }) {
  const [editing, edit] = useDisclosure(false);
  const [deleting, doom] = useDisclosure(false);
  return (
    <PageHeader
      title={app.name}
      above={
        <TextLink to="/apps" size="sm" c="dimmed">
          <IconArrowLeft size={13} style={{ verticalAlign: "-1px" }} /> Apps
        </TextLink>
      }
      mark={<ApiMark name={app.name} seed={app.id} size={44} />}
      description={[app.description, `Belongs to ${app.owner.name}`].filter(Boolean).join(" · ")}
      actions={
        <>
          <ButtonLink to="/usage" search={{ app: app.id }} variant="default">
            Usage
          </ButtonLink>
          {can(app, "update") && (
            <Button variant="default" onClick={edit.open}>
              Change
            </Button>
          )}
          {can(app, "delete") && (
            <Button variant="default" c="var(--mantine-color-error)" onClick={doom.open}>
              Delete
            </Button>
          )}
          <AppDialog app={app} opened={editing} onClose={edit.close} />
          <DeleteApp app={app} opened={deleting} onClose={doom.close} />
        </>
      }
    />
  );
}

function DeleteApp({ app, opened, onClose }: { app: App; opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = api.useMutation("delete", "/api/v1/apps/{app_id}", {
    onSuccess: async () => {
      notifyDone(`${app.name} is deleted`);
      await navigate({ to: "/apps" });
      void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/apps"] });
    },
  });
  return (
    <ConfirmDialog
      opened={opened}
      title={`Delete “${app.name}”?`}
      action="Delete it"
      danger
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ params: { path: { app_id: app.id }, header: ifMatch(app) } })}
    >
      Its keys stop working at once and its subscriptions end. This cannot be taken back.
    </ConfirmDialog>
  );
}
