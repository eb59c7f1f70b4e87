import { Text } from "@mantine/core";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import type { Api } from "@/client/types";
import { ago } from "@/lib/format";
import { ApiMark } from "@/ui/ApiMark";
import { Loaded } from "@/ui/Loaded";
import { BackLink, ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { TabLinks, tabClass } from "@/ui/TabLinks";
import { useApi } from "./queries";
import { VersionPicker } from "./VersionPicker";

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
      above={<BackLink to="/apis">Explore</BackLink>}
      mark={<ApiMark name={target.name} seed={target.slug} size={52} />}
      badges={target.lifecycle !== "published" && <StatusBadge state={target.lifecycle} />}
      description={
        <>
          {target.summary}
          <Text mt={6} size="xs">
            {[`by ${target.owner.name}`, target.category, `changed ${ago(target.updated_at)}`]
              .filter(Boolean)
              .join("\u00a0· ")}
          </Text>
        </>
      }
      actions={
        <>
          <VersionPicker target={target} />
          {!onPlans && (
            <ButtonLink to="/apis/$slug/plans" params={{ slug: target.slug }} search>
              Get access
            </ButtonLink>
          )}
        </>
      }
    />
  );
}

const EXACT = { exact: true };

function Tabs({ slug }: { slug: string }) {
  return (
    <TabLinks label="Pages of this API">
      <Link to="/apis/$slug" params={{ slug }} search activeOptions={EXACT} className={tabClass}>
        Overview
      </Link>
      <Link to="/apis/$slug/reference" params={{ slug }} search className={tabClass}>
        Reference
      </Link>
      <Link to="/apis/$slug/plans" params={{ slug }} search className={tabClass}>
        Plans
      </Link>
    </TabLinks>
  );
}
