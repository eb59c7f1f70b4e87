import {
  ActionIcon,
  Box,
  Button,
  Drawer,
  Group,
  Stack,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { useHub, useSession } from "@/client/session";
import { ButtonLink } from "@/ui/links";
import { Brand } from "./Brand";
import { openQuickSearch, QuickSearch } from "./QuickSearch";
import classes from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

interface Place {
  to: "/apis" | "/apps" | "/usage" | "/studio" | "/admin";
  label: string;
}

/** Where the reader may go: a visitor only reads, a member also builds, an administrator also runs the hub. */
function usePlaces(): Place[] {
  const session = useSession();
  const places: Place[] = [{ to: "/apis", label: "Explore" }];
  if (!session) return places;
  places.push(
    { to: "/apps", label: "Apps" },
    { to: "/usage", label: "Usage" },
    { to: "/studio", label: "Studio" },
  );
  if (session.hub_role !== "member") places.push({ to: "/admin", label: "Administration" });
  return places;
}

export function Header() {
  const hub = useHub();
  const session = useSession();
  const places = usePlaces();
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <MobileMenu places={places} />
        <Brand hub={hub} />
        <Box component="nav" aria-label="Main" className={classes.nav} visibleFrom="sm" ml="sm">
          {places.map((place) => (
            <Link key={place.to} to={place.to} className={classes.link}>
              {place.label}
            </Link>
          ))}
        </Box>
        <Group gap="xs" ml="auto" wrap="nowrap">
          <SearchTrigger />
          <ThemeSwitch />
          {session ? <UserMenu session={session} /> : <SignIn />}
        </Group>
      </div>
      <QuickSearch />
    </header>
  );
}

function SignIn() {
  const location = useLocation();
  return (
    <ButtonLink to="/login" search={{ next: location.href }} size="xs">
      Sign in
    </ButtonLink>
  );
}

function SearchTrigger() {
  return (
    <>
      <Button
        visibleFrom="md"
        variant="default"
        c="dimmed"
        fw={450}
        miw={220}
        justify="space-between"
        styles={{ label: { flex: 1, justifyContent: "flex-start" } }}
        leftSection={<IconSearch size={15} />}
        rightSection={<kbd style={{ font: "inherit", fontSize: 11 }}>Ctrl K</kbd>}
        onClick={openQuickSearch}
      >
        Search APIs
      </Button>
      <ActionIcon hiddenFrom="md" size="lg" aria-label="Search APIs" onClick={openQuickSearch}>
        <IconSearch size={18} />
      </ActionIcon>
    </>
  );
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const next = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  return (
    <Tooltip label={`Use the ${next} theme`}>
      <ActionIcon size="lg" aria-label={`Use the ${next} theme`} onClick={() => setColorScheme(next)}>
        {next === "light" ? <IconSun size={18} /> : <IconMoon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}

function MobileMenu({ places }: { places: Place[] }) {
  const [opened, menu] = useDisclosure(false);
  return (
    <>
      <ActionIcon
        hiddenFrom="sm"
        size="lg"
        aria-label="Open the menu"
        aria-expanded={opened}
        onClick={menu.open}
      >
        <IconMenu2 size={20} />
      </ActionIcon>
      <Drawer
        opened={opened}
        onClose={menu.close}
        size={280}
        title="Menu"
        closeButtonProps={{ "aria-label": "Close the menu" }}
      >
        <Stack component="nav" gap={4} aria-label="Main">
          {places.map((place) => (
            <Link key={place.to} to={place.to} className={classes.link} onClick={menu.close}>
              {place.label}
            </Link>
          ))}
        </Stack>
      </Drawer>
    </>
  );
}
