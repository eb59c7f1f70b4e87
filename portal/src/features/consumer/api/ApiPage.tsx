import { Group, Text } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import type { Api } from "@/client/types";
import { ago } from "@/lib/format";
import { ApiMark } from "@/ui/ApiMark";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink, TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { TabLinks, tabClass } from "@/ui/TabLinks";
import { useApi } from "./queries";

/** One API for those who build on it: what it is, how to call it, what it costs. */
export function ApiPage() {
  return (
    <Loaded query={useApi()} page>
      {(target) => (
        <>
          <section aria-label={`About ${target.name}`}>
            <Top target={target} />
          </section>
          <Tabs slug={target.slug} />
          <Outlet />
        </>
      )}
    </Loaded>
  );
}

function Top({ target }: { target: Api }) {
  const onPlans = useLocation().pathname.endsWith("/plans");
  return (
    <PageHeader
      title={target.name}
      above={
        <TextLink to="/apis" size="sm" c="dimmed">
          <IconArrowLeft size={13} style={{ verticalAlign: "-1px" }} /> Explore
        </TextLink>
      }
      mark={<ApiMark name={target.name} seed={target.slug} size={52} />}
      badges={target.lifecycle !== "published" && <StatusBadge state={target.lifecycle} />}
      description={
        <>
          {target.summary}
          <Group gap={6} mt={6} fz="xs">
            <Text inherit span>
              by {target.owner.name}
            </Text>
            {target.category && <span>· {target.category}</span>}
            <span>· changed {ago(target.updated_at)}</span>
          </Group>
        </>
      }
      actions={
        !onPlans && (
          <ButtonLink to="/apis/$slug/plans" params={{ slug: target.slug }}>
            Get access
          </ButtonLink>
        )
      }
    />
  );
}

function Tabs({ slug }: { slug: string }) {
  return (
    <TabLinks label="Pages of this API">
      <Link to="/apis/$slug" params={{ slug }} activeOptions={{ exact: true }} className={tabClass}>
        Overview
      </Link>
      <Link to="/apis/$slug/reference" params={{ slug }} className={tabClass}>
        Reference
      </Link>
      <Link to="/apis/$slug/plans" params={{ slug }} className={tabClass}>
        Plans
      </Link>
    </TabLinks>
  );
}
