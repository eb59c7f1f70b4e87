import {
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  NavLink,
  type NavLinkProps,
  UnstyledButton,
  type UnstyledButtonProps,
} from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { createLink } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, forwardRef, type ReactNode } from "react";

type Html<Own> = Own & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Own>;

/** A button that goes somewhere: looks like a button, is a link. */
export const ButtonLink = createLink(
  forwardRef<HTMLAnchorElement, Html<ButtonProps & { children?: ReactNode }>>((props, ref) => (
    <Button component="a" ref={ref} {...props} />
  )),
);

export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, Html<AnchorProps & { children?: ReactNode }>>((props, ref) => (
    <Anchor ref={ref} {...props} />
  )),
);

/** A whole block as a link (cards, menu rows) without a link's look. */
export const PlainLink = createLink(
  forwardRef<HTMLAnchorElement, Html<UnstyledButtonProps & { children?: ReactNode }>>((props, ref) => (
    <UnstyledButton component="a" ref={ref} {...props} />
  )),
);

export const SideLink = createLink(
  forwardRef<HTMLAnchorElement, Html<NavLinkProps>>((props, ref) => (
    <NavLink component="a" ref={ref} {...props} />
  )),
);

/** The way to the list that a page belongs to, above its heading. */
export const BackLink = createLink(
  forwardRef<HTMLAnchorElement, Html<AnchorProps & { children?: ReactNode }>>(
    ({ children, ...props }, ref) => (
      <Anchor ref={ref} size="sm" c="dimmed" {...props}>
        <IconArrowLeft size={13} style={{ verticalAlign: "-1px" }} aria-hidden /> {children}
      </Anchor>
    ),
  ),
);
