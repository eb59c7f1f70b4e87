import { Outlet, useMatches, useRouter } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef } from "react";
import { useHub } from "@/client/session";
import { wantFocus } from "@/lib/focus";
import { useFavicon } from "./Brand";
import { Header } from "./Header";
import classes from "./Shell.module.css";

/** The frame of every page: skip link, header, main, footer; sign-in pages stand alone. */
export function Shell() {
  const hub = useHub();
  // Of the page that is shown, not of the one on its way: the frame changes together with what is in it.
  const pathname = useMatches({ select: (matches) => matches.at(-1)?.pathname ?? "/" });
  const main = useRef<HTMLDivElement>(null);
  useFavicon(hub);
  useFocusOnNavigation(main);
  const alone = pathname === "/login" || pathname === "/signup";
  const sided = pathname.startsWith("/studio") || pathname.startsWith("/admin");
  // The reference brings its own main landmark, and a page has one.
  const Main = pathname.endsWith("/reference") ? "div" : "main";
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      {!alone && <Header />}
      <Main id="main" ref={main} tabIndex={-1} className={classes.main}>
        {alone || sided ? <Outlet /> : <PageFrame />}
      </Main>
      {!alone && !sided && <Footer />}
    </>
  );
}

function PageFrame() {
  return (
    <div className={classes.page}>
      <Outlet />
    </div>
  );
}

function Footer() {
  const hub = useHub();
  return (
    <footer className={classes.footer}>
      {hub.name}
      {hub.support_url && (
        <>
          {" · "}
          <a href={hub.support_url} rel="noreferrer">
            Support
          </a>
        </>
      )}
    </footer>
  );
}

function useFocusOnNavigation(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onResolved", ({ fromLocation, pathChanged }) => {
        if (fromLocation && pathChanged) wantFocus(main.current);
      }),
    [router, main],
  );
}
