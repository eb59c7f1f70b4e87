import bash from "highlight.js/lib/languages/bash";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

const LANGUAGES = { bash, go, java, javascript, json, python, yaml };

export type Language = keyof typeof LANGUAGES;

const lowlight = createLowlight(LANGUAGES);

/** The code as a tree of classed spans (hast): no HTML string is ever made of it. */
export function highlight(code: string, language: Language) {
  return lowlight.highlight(language, code);
}
