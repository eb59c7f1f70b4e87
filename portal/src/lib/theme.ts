import { generateColors } from "@mantine/colors-generator";
import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Modal,
  NavLink,
  NumberInput,
  Paper,
  PasswordInput,
  Select,
  Tabs,
  TagsInput,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { readableShade } from "./contrast";
import { SEPARATORS } from "./format";

export const DEFAULT_BRAND = "#3b5bdb";

/** The colour of buttons that take something away for good: white reads on it, which it does not on every red. */
export const DANGER = "red.9";

/** Cool, quiet neutrals: the brand colour is the only loud thing on a page. */
const gray: MantineColorsTuple = [
  "#f8f9fb",
  "#f1f3f6",
  "#e6e9ee",
  "#d7dce3",
  "#b9c0cb",
  "#8d96a5",
  "#5f6878",
  "#454d5b",
  "#2b313c",
  "#171b22",
];
const dark: MantineColorsTuple = [
  "#e3e6eb",
  "#b8bec9",
  "#9aa2b0",
  "#727b8a",
  "#3b424e",
  "#2b313b",
  "#1e232b",
  "#14181e",
  "#0f1217",
  "#0a0c10",
];

const DIALOG_TITLE = { title: { fontSize: "var(--mantine-font-size-lg)", fontWeight: 600 } };

function isColor(value: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(value);
}

/** The palette of a brand colour; a colour that cannot be read falls to the default rather than breaking the page. */
export function brandPalette(color: string | null | undefined): MantineColorsTuple {
  return generateColors(color && isColor(color) ? color : DEFAULT_BRAND);
}

export function makeTheme(color: string | null | undefined) {
  const brand = brandPalette(color);
  return createTheme({
    colors: { brand, gray, dark },
    primaryColor: "brand",
    primaryShade: { light: readableShade(brand, "#ffffff", 6), dark: readableShade(brand, "#ffffff", 6) },
    autoContrast: true,
    luminanceThreshold: 0.4,
    defaultRadius: "md",
    cursorType: "pointer",
    respectReducedMotion: true,
    fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
    fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, SFMono-Regular, Menlo, monospace",
    headings: {
      fontWeight: "620",
      sizes: {
        h1: { fontSize: "1.625rem", lineHeight: "1.25" },
        h2: { fontSize: "1.25rem", lineHeight: "1.3" },
        h3: { fontSize: "1.0625rem", lineHeight: "1.4" },
        h4: { fontSize: "0.9375rem", lineHeight: "1.45" },
      },
    },
    fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
    components: {
      Button: Button.extend({ defaultProps: { size: "sm" } }),
      ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray" } }),
      Badge: Badge.extend({ defaultProps: { variant: "light", tt: "none", fw: 550, radius: "sm" } }),
      Paper: Paper.extend({ defaultProps: { withBorder: true, radius: "lg" } }),
      // Of dialogs and of messages: a cross has no name of its own.
      CloseButton: { defaultProps: { "aria-label": "Close" } },
      Alert: Alert.extend({ defaultProps: { radius: "md" } }),
      Modal: Modal.extend({
        defaultProps: { centered: true, radius: "lg", overlayProps: { blur: 2 } },
        styles: DIALOG_TITLE,
      }),
      Drawer: Drawer.extend({ styles: DIALOG_TITLE }),
      // A header of a dialog is no second banner of the page.
      ModalHeader: { defaultProps: { component: "div" } },
      DrawerHeader: { defaultProps: { component: "div" } },
      // Part of the page's content, which everything that is read must be in.
      Menu: { defaultProps: { portalProps: { target: "#main" }, withInitialFocusPlaceholder: false } },
      NavLink: NavLink.extend({ defaultProps: { px: "sm", py: 7 } }),
      Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
      // The ring of an input that has the focus stands clear of its name.
      InputLabel: { defaultProps: { mb: 4 } },
      // Below the input: beside each other, inputs with and without a description stand in one line.
      InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
      TextInput: TextInput.extend({ defaultProps: { size: "sm" } }),
      NumberInput: NumberInput.extend({ defaultProps: SEPARATORS }),
      PasswordInput: PasswordInput.extend({ defaultProps: { size: "sm" } }),
      Textarea: Textarea.extend({ defaultProps: { size: "sm", autosize: true, minRows: 3 } }),
      Select: Select.extend({ defaultProps: { size: "sm", allowDeselect: false } }),
      // Without suggestions there is no list to open, and none that Escape would close instead of the dialog.
      TagsInput: TagsInput.extend({ defaultProps: { dropdownOpened: false } }),
      Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300 } }),
    },
  });
}

/** Text in the brand's colour must be readable on the page, whatever colour an organisation chose. */
export const readableVariables: CSSVariablesResolver = (theme) => {
  const brand = theme.colors.brand ?? brandPalette(null);
  const light = brand[readableShade(brand, "#ffffff", 6, 5)] ?? "#000000";
  const onDark = brand[readableShade(brand, "#14181e", 3, 6, -1)] ?? "#ffffff";
  return {
    variables: { "--page-width": "1240px" },
    light: {
      "--page": "#ffffff",
      "--surface": "#ffffff",
      "--sunken": "#f8f9fb",
      "--line": "#e6e9ee",
      "--mantine-color-dimmed": "#5f6878",
      "--mantine-color-placeholder": "#6c7585",
      "--mantine-color-anchor": light,
      "--mantine-color-brand-text": light,
      "--mantine-color-brand-light-color": light,
      "--mantine-color-green-light-color": "#1e6b33",
      "--mantine-color-yellow-light-color": "#8a4b00",
      "--mantine-color-red-light-color": "#b42318",
      "--mantine-color-gray-light-color": "#454d5b",
      "--mantine-color-error": "#b42318",
    },
    dark: {
      "--page": "#0f1217",
      "--surface": "#14181e",
      "--sunken": "#14181e",
      "--line": "#2b313b",
      "--mantine-color-body": "#0f1217",
      "--mantine-color-dimmed": "#9aa2b0",
      "--mantine-color-placeholder": "#8d96a5",
      "--mantine-color-anchor": onDark,
      "--mantine-color-brand-text": onDark,
      "--mantine-color-brand-light-color": onDark,
      "--mantine-color-gray-light": "#232932",
      "--mantine-color-gray-light-color": "#b8bec9",
      // Quiet on the dark page, as they are on the light one.
      "--mantine-color-brand-light": "color-mix(in srgb, var(--mantine-color-brand-filled) 26%, #14181e)",
      "--mantine-color-green-light": "#12291c",
      "--mantine-color-yellow-light": "#33260d",
      "--mantine-color-red-light": "#3a1a1c",
      "--mantine-color-error": "#ff8787",
    },
  };
};
